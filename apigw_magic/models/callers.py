"""Who signs, and for what."""

from __future__ import annotations

from dataclasses import dataclass, field

from apigw_magic.models.secret import Secret


@dataclass(frozen=True, slots=True)
class SigningScope:
    """The part of a SigV4 credential scope that belongs to the host.

    Attributes:
        service: the signing name, such as `execute-api`.
        region: an AWS Region, such as `eu-west-1`.
    """

    service: str
    region: str


@dataclass(frozen=True, slots=True)
class Credentials(Secret):
    """One consistent set of keys, good for the signing of one request.

    Attributes:
        access_key_id: not a secret.
        secret_access_key: a secret.
        session_token: a secret; None for the keys of an IAM user.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who STS says the caller is.

    Attributes:
        account: 12 digits.
        arn: the ARN of the user or of the role session.
    """

    account: str
    arn: str
