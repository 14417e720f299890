"""The words by which answers name their parts: few, and each from a source that is named.

Keys are compared folded (`fold`) or by their words (`split_words`), so in any spelling. Evidence is structure first:
these only tell apart what structure leaves open.
"""

from __future__ import annotations


def _read(words: str) -> frozenset[str]:
    """Return the words that stand in a text as a set."""
    return frozenset(words.split())


PREFERRED = _read(
    "content data documents elements entries hits items list members records resources result results rows value values"
)
"""Keys that say nothing but: here are the rows.

Sources: Spring Data `Page` (content), JSON:API and Stripe (data), Firestore (documents), Rest.li (elements), Box
(entries), Algolia (hits), Kubernetes (items), OpenWeather (list), Redfish (members), Airtable (records), SCIM
(resources), ServiceNow (result), Django REST framework (results), CouchDB (rows), OData (value), Bitbucket and Google
Sheets (values).
"""

WRAPPERS = _read("body data output payload response result")
"""Keys of dicts that are put around an answer.

Sources: API Gateway proxy integrations (body), GraphQL (data), Step Functions (output), Lambda's Invoke (payload), Solr
(response), JSON-RPC (result).
"""

ASIDE = _read("aggregations errors facets included link links messages warnings")
"""Keys of what comes with the rows, not instead of them.

Sources: Elasticsearch (aggregations), GraphQL (errors), Solr and Algolia (facets), JSON:API (included, links), FHIR
(link), Cloudflare (messages), Google Compute Engine and Kubernetes (warnings).
"""

OF_THE_CALL = _read("correlationid requestid spanid traceid")
"""Ends of keys that look like an id but name the call, not a thing.

Sources: AMQP (correlation id), AWS (request id), OpenTelemetry (span id, trace id).
"""

PAGING = _read(
    "continu cursor evaluated istruncated last limit marker more next offset page pagi position prev startat startindex"
)
"""Keys, or words of keys, that say a list comes in pages; `total` is not among them: an order has a total.

Three are the beginnings of words. Sources: Azure (continuation token) and Kubernetes (continue), Slack (cursor),
DynamoDB (last evaluated key), Amazon S3 (is truncated, marker), Spring Data (last, page), Confluence (limit), Stripe
(has more), JSON:API (next, prev) and Spotify (previous), Airtable (offset), HubSpot (paging) and Twitch (pagination),
API Gateway (position), Jira (startAt), SCIM (startIndex).
"""

ENDS = _read("info key link number size token url")
"""Words that a key of paging may end with besides those.

Sources: GraphQL Cursor Connections (page info), DynamoDB (key), OData (next link), Spring Data (number, size), Google
APIs (next page token), Twilio (next page url).
"""

BESIDE = _read("info links meta metadata page pagi")
"""Last words of keys of dicts that tell about the rows beside them. Sources: JSON:API (links, meta), Kubernetes
(metadata), and those above."""

TOTALS = _read("count numfound recordstotal total")
"""How many rows there are. Sources: Django REST framework (count), Solr (numFound), DataTables (recordsTotal), Jira
(total)."""
