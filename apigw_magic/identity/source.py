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


def describe_source(
    method: str | None, profile: str | None, profiles: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """Return the way to the base identity, a step each: `("profile work", "role base")`.

    Args:
        method: botocore's word for where it found the credentials.
        profile: in use; None for the environment's.
        profiles: what the configuration says of each.
    """
    name = profile or "default"
    if method == "assume-role":
        return _follow(name, profiles)
    if method == "assume-role-with-web-identity":
        role = profiles.get(name, {}).get("role_arn", "")
        return ("web identity", f"role {short_name(role)}") if role else ("web identity",)
    return (_WAYS.get(method or "", method or "unknown").format(profile=f"profile {name}"),)


def _follow(name: str, profiles: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Follow the profiles from role to source; botocore has refused those that lead in a circle."""
    roles: list[str] = []
    seen: set[str] = set()
    start = f"profile {name}"
    while name not in seen and "role_arn" in (settings := profiles.get(name, {})):
        seen.add(name)
        roles.insert(0, f"role {short_name(settings['role_arn'])}")
        if "credential_source" in settings:
            start = _SOURCES.get(settings["credential_source"], settings["credential_source"])
            break
        if "source_profile" not in settings:
            start = "web identity"
            break
        name = settings["source_profile"]
        start = f"profile {name}"
    return (start, *roles)
