"""A radiologist's own signing key: taken in once, kept encrypted, used for what they sign, revoked when it is lost."""
