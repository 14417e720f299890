"""Call an IAM-authorised API Gateway from a notebook cell, as any role you may assume, and get a DataFrame."""

from __future__ import annotations
