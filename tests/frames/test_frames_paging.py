"""What an answer says of its pages: tables of what is told, and of what is not to be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apigw_magic.frames.paging import has_paging
from apigw_magic.frames.records import find_records

if TYPE_CHECKING:
    from apigw_magic.models import Json

BOATS: list[Json] = [{"hull": "A1"}, {"hull": "B2"}]

TOKEN = "eyJwayI6ICJCMiJ9"

TOTALS: list[tuple[dict[str, Json], int | None]] = [
    ({"items": BOATS, "total_count": 2210}, 2210),
    ({"items": BOATS, "totalResults": 40}, 40),
    ({"items": BOATS, "TotalElements": 40}, 40),
    ({"items": BOATS, "numFound": 40}, 40),
    ({"value": BOATS, "@odata.count": 412}, 412),
    ({"items": BOATS, "total": 40, "page": 1}, 40),
    ({"items": BOATS, "total": 40, "limit": 2, "offset": 0}, 40),
    ({"issues": BOATS, "total": 40, "startAt": 0, "maxResults": 2}, 40),
    ({"results": BOATS, "count": 40, "next": "/boats?page=2", "previous": None}, 40),
    ({"results": BOATS, "count": 40, "next": None, "previous": "/boats?page=19"}, 40),
    ({"items": BOATS, "count": 40, "limit": 2, "offset": 0}, 40),
    ({"boats": BOATS, "total": 194, "skip": 0, "limit": 2}, 194),
    ({"boats": BOATS, "total": 194, "skip": 192, "limit": 30}, 194),
    ({"elements": BOATS, "paging": {"start": 0, "count": 10, "total": 812}}, 812),
    ({"boats": BOATS, "total": 194, "from": 0, "size": 2}, 194),
    ({"boats": BOATS, "total": 194, "start": 192, "rows": 30}, 194),
    ({"data": BOATS, "meta": {"total": 40}}, 40),
    ({"data": BOATS, "meta": {"page": {"total": 40}}}, 40),
    ({"content": BOATS, "page": {"size": 2, "totalElements": 40, "totalPages": 20}}, 40),
    ({"results": BOATS, "info": {"count": 40, "pages": 20}}, 40),
    ({"response": {"docs": BOATS, "numFound": 40}}, 40),
    ({"total": 40, "page": 1, "data": {"boats": BOATS}}, 40),
    ({"items": BOATS, "total": 2, "page": 1}, 2),
    ({"items": BOATS, "count": 2, "page": 1}, 2),
    ({"items": BOATS, "count": 2, "total": 40, "next": "/boats?page=2"}, 40),
    ({"items": [], "total": 0, "page": 1}, 0),
    ({"total": 40, "data": {"boats": BOATS}, "meta": {"page": 1}}, 40),
    # nothing that can be relied on
    ({"results": BOATS, "count": 40, "next": None, "previous": None}, None),
    ({"elements": BOATS, "paging": {"start": 0, "count": 10, "links": []}}, None),
    ({"items": BOATS, "count": 10, "offset": 0}, None),
    ({"items": BOATS, "count": 10, "limit": 10, "offset": 0}, None),
    ({"orders": BOATS, "total": 1200, "limit": 5000}, None),
    ({"orders": BOATS, "total": 1200, "size": 5000}, None),
    ({"orders": BOATS, "total": 1200, "from": 1, "size": 1}, None),
    ({"orders": BOATS, "total": 50, "from": 1000, "size": 5}, None),
    ({"orders": BOATS, "total": 50, "from": -1, "size": 5}, None),
    ({"orders": BOATS, "total": 1200, "page": {"from": 0, "size": 5}}, 1200),
    ({"orders": BOATS, "total": 194, "page": 97, "per_page": 2}, 194),
    # an estimate (Kubernetes API, `ListMeta`)
    ({"items": BOATS, "metadata": {"continue": "eyJ2IjoibWV0YS5rOHMu", "remainingItemCount": 9}}, None),
    ({"orders": BOATS, "total": 5000}, None),
    ({"orders": BOATS, "count": 5000}, None),
    ({"orders": BOATS, "total": 39.5, "page": 1}, None),
    ({"orders": BOATS, "total": "40", "page": 1}, None),
    ({"orders": BOATS, "total": True, "page": 1}, None),
    ({"total": 40, "data": {"boats": BOATS, "nextToken": TOKEN}}, None),
    ({"items": BOATS, "total_count": 1}, None),
    ({"items": BOATS, "total_pages": 20, "page": 1}, None),
    ({"items": BOATS, "total_amount": 5000, "page": 1}, None),
    ({"items": BOATS, "total_count": 40, "totalResults": 50}, None),
    ({"items": BOATS, "total": 2, "total_count": 40}, 40),
    ({"items": BOATS, "total": 2, "total_count": 40, "page": 1}, None),
    ({"items": BOATS, "filter": {"total_count": 40}}, None),
    ({"Items": BOATS, "Count": 2, "LastEvaluatedKey": {"pk": "B2"}}, None),
    ({"id": 1, "total_count": 40, "lines": BOATS}, None),
    ({"data": {"type": "boats", "id": "1", "attributes": {}}, "meta": {"total": 40}}, None),
]

MORE: list[tuple[dict[str, Json], str]] = [
    ({"Items": BOATS, "LastEvaluatedKey": {"pk": "B2"}}, "LastEvaluatedKey"),
    ({"items": BOATS, "NextToken": TOKEN}, "NextToken"),
    ({"items": BOATS, "next_page_token": "t"}, "next_page_token"),
    ({"results": BOATS, "next": "https://api.example/boats?page=2"}, "next"),
    ({"results": BOATS, "next": 3}, "next"),
    ({"data": BOATS, "has_more": True}, "has_more"),
    ({"Contents": BOATS, "IsTruncated": True, "Marker": "a"}, "IsTruncated"),
    ({"value": BOATS, "@odata.nextLink": "https://api.example/boats?$skip=2"}, "@odata.nextLink"),
    ({"data": BOATS, "links": {"self": "/b", "next": "/b?page=2"}}, "links.next"),
    ({"data": BOATS, "links": [{"rel": "self", "href": "/b"}, {"rel": "next", "href": "/b?page=2"}]}, "links.next"),
    ({"data": BOATS, "paging": {"next": "https://api.example/b?after=2"}}, "paging.next"),
    (
        {
            "resourceType": "Bundle",
            "entry": BOATS,
            "link": [{"relation": "next", "url": "https://api.example/b?after=2"}],
        },
        "link.next",
    ),
    ({"boats": BOATS, "link": "https://api.example/b?after=2"}, ""),
    ({"boats": BOATS, "link": [{"rel": None, "relation": "next", "url": "/b?after=2"}]}, "link.next"),
    ({"boats": BOATS, "hasMoreItems": True}, "hasMoreItems"),
    ({"entries": BOATS, "pagination": {"hasMoreItems": True, "totalItems": 4}}, "pagination.hasMoreItems"),
    ({"boats": BOATS, "cursor": "20"}, "cursor"),
    ({"resourceType": "Bundle", "entry": BOATS, "link": [{"relation": "self", "url": "https://api.example/b"}]}, ""),
    ({"data": {"boats": {"nodes": BOATS, "pageInfo": {"hasNextPage": True}}}}, "data.boats.pageInfo.hasNextPage"),
    ({"nextCursor": TOKEN, "data": {"boats": BOATS}}, "nextCursor"),
    ({"items": BOATS, "metadata": {"continue": "eyJ2IjoibWV0YS5rOHMu", "remainingItemCount": 9}}, "metadata.continue"),
    ({"boats": BOATS, "next_page_uri": "/boats?page=2"}, "next_page_uri"),
    ({"boats": BOATS, "nextHref": "https://api.example/boats?after=B2"}, "nextHref"),
    ({"values": BOATS, "isLastPage": False, "nextPageStart": 2}, "nextPageStart"),
    ({"values": BOATS, "isLast": False, "startAt": 0}, "isLast"),
    ({"content": BOATS, "last": False, "totalElements": 4}, "last"),
    ({"values": BOATS, "isLastPage": False}, "isLastPage"),
    ({"item": BOATS, "position": "AAECAwQFBgcICQoLDA0ODw=="}, "position"),
    ({"records": BOATS, "offset": "itr5kPm0CqL/rec7uW"}, "offset"),
    ({"boats": BOATS, "cursor": TOKEN}, "cursor"),
    ({"Contents": BOATS, "IsTruncated": True, "NextContinuationToken": TOKEN}, "NextContinuationToken"),
    ({"boats": BOATS, "hasMore": True, "paging": {"next": {"after": "2", "link": "?after=2"}}}, "paging.next"),
    ({"results": BOATS, "total": 40, "paging": {"next": {"after": "10"}}}, "paging.next"),
    ({"boats": BOATS, "cursor": "WzE3XQ"}, "cursor"),
    # nothing more, or nothing said
    ({"boats": BOATS, "_links": {"next": {"href": None}}}, ""),
    ({"content": BOATS, "last": True, "totalElements": 2}, ""),
    ({"values": BOATS, "isLastPage": True, "nextPageStart": None}, ""),
    ({"boats": BOATS, "next_page_uri": None}, ""),
    ({"boats": BOATS, "nextHref": ""}, ""),
    ({"boats": BOATS, "cursor": ""}, ""),
    ({"records": BOATS, "offset": ""}, ""),
    ({"boats": BOATS, "hasMoreItems": False, "nextToken": TOKEN}, ""),
    ({"values": BOATS, "isLast": True, "nextPage": "/boats?page=2"}, ""),
    ({"item": BOATS, "position": "first mate"}, ""),
    ({"items": BOATS, "metadata": {"continue": ""}}, ""),
    ({"records": BOATS, "offset": 2}, ""),
    ({"items": BOATS, "nextToken": None}, ""),
    ({"items": BOATS, "nextToken": ""}, ""),
    ({"items": BOATS, "nextToken": TOKEN, "hasMore": False}, ""),
    ({"data": BOATS, "links": {"self": "/b", "next": None}}, ""),
    ({"items": BOATS, "Marker": "a"}, ""),
    ({"items": BOATS, "page": 1, "page_size": 2}, ""),
    ({"items": BOATS, "next": "sailing"}, ""),
    ({"items": BOATS, "previous": "/b?page=0"}, ""),
    ({"id": 7, "nextToken": None}, ""),
    ({"boats": BOATS, "paging": {"next": {"after": None}}}, ""),
    ({"boats": BOATS, "paging": {"next": {"after": "noon", "what": "sail"}}}, ""),
    ({"boats": BOATS, "cursor": "not-allowed"}, ""),
    ({"boats": BOATS, "offset": "+01:00"}, ""),
]

PAGES: list[tuple[str, Json, bool]] = [
    ("LastEvaluatedKey", {}, True),
    ("next_token", None, True),
    ("nextToken", "t", True),
    ("NEXT-PAGE-TOKEN", "t", True),
    ("@odata.nextLink", "u", True),
    ("has_more", False, True),
    ("hasNextPage", False, True),
    ("per_page", 50, True),
    ("page", 1, True),
    ("pageInfo", {}, True),
    ("endCursor", "t", True),
    ("IsTruncated", False, True),
    ("startAt", 0, True),
    ("next", None, True),
    ("next", {"href": "/p2"}, True),
    ("next", {"href": None}, True),
    ("next", {"cursor": "7"}, True),
    ("nextHref", "/p2", True),
    ("isLastPage", True, True),
    ("continuationToken", "t", True),
    ("_links", {"next": {"href": None}}, True),
    ("pageToken", "t", True),
    ("page_token", None, True),
    ("hasMoreItems", False, True),
    ("has_more_boats", True, True),
    ("cursor", None, True),
    ("cursor", TOKEN, True),
    ("cursor", "arrow", False),
    ("link", {"next": "/chapters/8"}, False),
    ("link", [{"relation": "next", "url": "/chapters/8"}], False),
    ("hasMoreThanOneOwner", True, False),
    ("hasMore", "yes", False),
    ("hasMoreItems", "yes", False),
    ("offset", 0, False),
    ("offset", 0.5, False),
    ("limit", 5, False),
    ("last", True, False),
    ("isLast", False, False),
    ("lastPage", False, True),
    ("next", 3, False),
    ("next", 3.5, False),
    ("next", {"id": 6}, False),
    ("next", {}, False),
    ("next", [6], False),
    ("next", "call the customer tomorrow", False),
    ("next", "2026-01-31T08:00:00Z", False),
    ("nextBoat", "a-long-name-of-a-boat-7", False),
    ("continue", True, False),
    ("position", "first mate", False),
    ("lastKey", "t", False),
    ("rateLimit", 5, False),
    ("_links", {"next": {"href": "/p2"}}, True),
    ("links", {"next": None}, True),
    ("links", {"self": "/p1"}, False),
    ("links", "https://example.com", False),
    ("total", 30, False),
    ("count", 3, False),
    ("next", "sailing", False),
    ("next", "https://api.example/p2", True),
    ("nextInspection", "2026-01-01", False),
    ("homePage", "https://example.com", False),
    ("page", "https://example.com", False),
    ("pageCount", 300, False),
    ("utcOffset", 60, False),
    ("mapMarker", "red", False),
    ("readMore", "https://example.com", False),
    ("token", "t", False),
    ("n" * 5000, 1, False),
    ("", 1, False),
]


@pytest.mark.parametrize(("document", "total"), TOTALS)
def test_what_says_how_many_rows_there_are(document: dict[str, Json], total: int | None) -> None:
    """An integer under a name that is sure, or that paging makes sure; where in doubt, nothing."""
    assert find_records(document).total == total


@pytest.mark.parametrize(("document", "more"), MORE)
def test_what_says_that_a_page_follows(document: dict[str, Json], more: str) -> None:
    """The key that leads to the next page, unless the answer says that there is none."""
    assert find_records(document).more == more


@pytest.mark.parametrize(("key", "value", "says_pages"), PAGES)
def test_what_says_pages(key: str, value: Json, says_pages: bool) -> None:  # noqa: FBT001 - a column of a table
    """Paging keys in any spelling; a total is not one, since an order has a total."""
    assert has_paging({key: value}) is says_pages


@pytest.mark.parametrize(
    ("place", "says_pages"),
    [
        ({"offset": 0, "limit": 5}, True),
        ({"next": 3, "limit": 5}, True),
        ({"next": 3, "last": False}, True),
        ({"isLast": False, "limit": 2}, True),
        ({"next": 3, "previous": 1}, False),
        ({"offset": 0.5, "limit": 5}, False),
        ({"next": 3, "total": 5}, False),
    ],
)
def test_what_two_keys_say_together(place: dict[str, Json], says_pages: bool) -> None:  # noqa: FBT001 - a column of a table
    """A key that may be anything says pages beside another one; a thing may have a next and a previous one."""
    assert has_paging(place) is says_pages
