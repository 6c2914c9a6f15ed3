"""A key file with its passphrase, and why a key is revoked."""

from __future__ import annotations

from django import forms


class KeyForm(forms.Form):
    file = forms.FileField(
        label="Key file", help_text="PKCS#12 (.p12 or .pfx), as your certificate authority gave it to you."
    )
    passphrase = forms.CharField(
        label="Its passphrase",
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class TokenForm(forms.Form):
    token = forms.CharField(label="Token", max_length=32, help_text="Its label, as the token was set up with.")
    label = forms.CharField(label="Key", max_length=100, help_text="The label of your key on it.")
    key_id = forms.RegexField(
        r"^([0-9a-fA-F]{2})*$",
        label="Its id",
        max_length=64,
        required=False,
        help_text="Only where two keys have the same label: hexadecimal, such as 01.",
        error_messages={"invalid": "Pairs of 0 to 9 and a to f, such as 01."},
    )
    pin = forms.CharField(
        label="PIN of the token",
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted. A wrong one is tried once only, and the last try before a lock never.",
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=255, help_text="Lost, stolen, left the house.")
