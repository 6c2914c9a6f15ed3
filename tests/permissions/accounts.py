"""What the sign-in answers, at allauth's own addresses."""

from __future__ import annotations

from tests.permissions.answers import PEOPLE, SIGN_IN, Row, everybody, to
from tests.permissions.ward import NOBODY

# allauth: pages for strangers, pages of one's own; who is signed in needs no sign-in.
FOR_ALL = everybody(200)
OWN = to(PEOPLE)
AGAIN = to(PEOPLE, 302)  # on to somewhere else: the password once more, or there is nothing to do
NONE_YET = to(PEOPLE, 404)  # nobody here has a second factor
DOOR = {**everybody(302), NOBODY: 200}
ACCOUNTS: dict[str, Row] = {
    "account_login": Row(get=DOOR),
    "account_logout": Row(get=OWN, post=to(PEOPLE, SIGN_IN)),
    "account_inactive": Row(get=FOR_ALL),
    "account_signup": Row(get=DOOR, post=DOOR),  # says that it is closed
    "account_reauthenticate": Row(get=OWN),
    "account_email": Row(get=OWN),
    "account_confirm_email": Row({"key": "=x"}, get=FOR_ALL),
    "account_email_verification_sent": Row(get=FOR_ALL),
    "account_change_password": Row(get=OWN),
    "account_set_password": Row(get=AGAIN),
    "account_reset_password": Row(get=FOR_ALL),
    "account_reset_password_done": Row(get=FOR_ALL),
    "account_reset_password_from_key": Row({"uidb36": "=1", "key": "=x-y"}, get=FOR_ALL),
    "account_reset_password_from_key_done": Row(get=FOR_ALL),
    "account_confirm_login_code": Row(get=AGAIN),
    "mfa_index": Row(get=OWN),
    "mfa_authenticate": Row(get=AGAIN),
    "mfa_reauthenticate": Row(get=AGAIN),
    "mfa_activate_totp": Row(get=AGAIN),
    "mfa_deactivate_totp": Row(get=NONE_YET),
    "mfa_list_webauthn": Row(get=OWN),
    "mfa_add_webauthn": Row(get=AGAIN),
    "mfa_edit_webauthn": Row({"pk": "=1"}, get=AGAIN),
    "mfa_remove_webauthn": Row({"pk": "=1"}, get=AGAIN),
    # Whoever has no passkey is led to the password.
    "mfa_reauthenticate_webauthn": Row(get={**AGAIN, "radiologist": 200}),
    "mfa_login_webauthn": Row(get=AGAIN),
    "mfa_view_recovery_codes": Row(get=NONE_YET),
    "mfa_generate_recovery_codes": Row(get=AGAIN),
    "mfa_download_recovery_codes": Row(get=NONE_YET),
    "usersessions_list": Row(get=OWN),
    "passkey": Row(post=to("radiologist", others=422)),
}
