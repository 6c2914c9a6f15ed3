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


class RevokeForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=255, help_text="Lost, stolen, left the house.")
