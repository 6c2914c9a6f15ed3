"""Keys that never leave a token: a smart card, a USB key or a hardware module behind its PKCS#11 driver.

The driver is foreign C code that may crash, hang, or mind forks and threads. It therefore runs in a process of its own,
one for each question: no session outlives its answer, and a log-in by one signer is never another's.
"""

from reporting.signing.token.faults import PinRefused, TokenFault
from reporting.signing.token.place import TokenKey
from reporting.signing.token.signer import TokenSigner

__all__ = ["PinRefused", "TokenFault", "TokenKey", "TokenSigner"]
