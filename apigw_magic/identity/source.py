"""Where the base identity's credentials come from, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic.identity.options import short_name

if TYPE_CHECKING:
    from collections.abc import Mapping

# How botocore calls the ways to credentials, and how we do; `{profile}` is filled in.
_WAYS = {
    "boto-config": "boto configuration file",
    "config-file": "{profile} (config file)",
    "container-role": "container role",
    "custom-process": "{profile} (credential_process)",
    "ec2-credentials-file": "EC2 credentials file",
    "env": "environment variables",
    "explicit": "given keys",
    "iam-role": "instance role",
    "keys": "{profile}",
    "login": "{profile} (aws login)",
    "shared-credentials-file": "{profile} (credentials file)",
    "sso": "{profile} (SSO)",
}

# What `credential_source` of a profile may say.
_SOURCES = {
    "Ec2InstanceMetadata": "instance role",
    "EcsContainer": "container role",
    "Environment": "environment variables",
}

# The settings by which a source profile is known, in the order in which botocore looks, and its word for the way.
_SIGNS = {
    "web_identity_token_file": "assume-role-with-web-identity",
    "sso_account_id": "sso",
    "sso_role_name": "sso",
    "aws_access_key_id": "keys",
    "login_session": "login",
    "credential_process": "custom-process",
    "role_arn": "assume-role",
}


def describe_source(
    method: str | None, profile: str | None, profiles: Mapping[str, Mapping[str, str]], role: str | None = None
) -> tuple[str, ...]:
    """Return the way to the base identity, a step each: `("profile work (SSO)", "role base")`.

    Args:
        method: botocore's word for where it found the credentials.
        profile: in use; None for the environment's.
        profiles: what the configuration says of each.
        role: the ARN that the environment names for a web identity; None for the profile's.
    """
    name = profile or "default"
    settings = profiles.get(name, {})
    if method == "assume-role":
        start = _SOURCES.get(settings.get("credential_source", ""))
        steps = (start,) if start else _describe_profile(settings.get("source_profile", ""), profiles)
        return (*steps, _name_role(settings["role_arn"]))
    if method == "assume-role-with-web-identity":
        role = role or settings.get("role_arn")
        return ("web identity", _name_role(role)) if role else ("web identity",)
    return (_WAYS.get(method or "", method or "unknown").format(profile=f"profile {name}"),)


def _describe_profile(name: str, profiles: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Describe a source profile, whose own keys come before a role of it; botocore has refused circles."""
    settings = profiles.get(name, {})
    method = next((way for setting, way in _SIGNS.items() if setting in settings), None)
    return describe_source(method, name, profiles)


def _name_role(arn: str) -> str:
    return f"role {short_name(arn)}"
