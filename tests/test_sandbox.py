"""The sandbox answers as GitHub does: payloads, pages, conditional requests, refusals, rights."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from githubkit import GitHub

from triage.sandbox import SandboxServer
from triage.sandbox.viewers import read_viewer

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
REPOSITORY = "/repos/sandbox/starter-kit"
ISSUES = f"{REPOSITORY}/issues"


@pytest.fixture
def web(server: SandboxServer) -> Iterator[httpx.Client]:
    with client(server) as web:
        web.post("/_sandbox/reset").raise_for_status()
        yield web


def client(server: SandboxServer, token: str = "any-token") -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=server.url, headers=headers, verify=False)


def names(labels: list[dict[str, str]]) -> list[str]:
    return [label["name"] for label in labels]


# What githubkit reads


@pytest.fixture
def kit(server: SandboxServer, web: httpx.Client) -> Iterator[GitHub]:
    with GitHub("any-token", base_url=server.url, auto_retry=False) as github:
        yield github


def test_every_payload_of_issues_and_comments_fits_githubkits_newest_models(kit: GitHub) -> None:
    rest, place = kit.rest.issues, ("sandbox", "starter-kit")
    assert len(rest.list_for_repo(*place, state="all", per_page=100).parsed_data) == 49
    assert rest.get(*place, 1046).parsed_data.state == "open"
    assert rest.get(*place, 1050).parsed_data.body is None
    comment = rest.create_comment(*place, 1046, body="Try again, please.").parsed_data
    assert rest.get_comment(*place, comment.id).parsed_data.user.login == "sandbox-maintainer"
    assert rest.update_comment(*place, comment.id, body="Once more.").parsed_data.body == "Once more."
    assert rest.list_comments(*place, 1046).parsed_data[0].id == comment.id
    assert comment.id in [each.id for each in rest.list_comments_for_repo(*place, per_page=100).parsed_data]
    assert rest.delete_comment(*place, comment.id).status_code == 204
    assert (
        rest.update(*place, 1046, state="closed", state_reason="not_planned").parsed_data.state_reason == "not_planned"
    )
    assert rest.update(*place, 1046, state="open").parsed_data.state_reason == "reopened"


def test_every_payload_of_labels_viewer_repository_and_limits_fits_githubkits_newest_models(kit: GitHub) -> None:
    rest, place = kit.rest.issues, ("sandbox", "starter-kit")
    assert rest.create_label(*place, name="transient-error", color="fbca04").parsed_data.color == "fbca04"
    assert rest.get_label(*place, "TRANSIENT-ERROR").parsed_data.name == "transient-error"
    assert len(rest.list_labels_for_repo(*place).parsed_data) == 9
    assert len(rest.add_labels(*place, 1046, labels=["question"]).parsed_data) == 3
    assert len(rest.list_labels_on_issue(*place, 1046).parsed_data) == 3
    assert len(rest.remove_label(*place, 1046, "question").parsed_data) == 2
    assert len(rest.set_labels(*place, 1046, labels=["bug"]).parsed_data) == 1
    assert kit.rest.users.get_authenticated().parsed_data.login == "sandbox-maintainer"
    assert kit.rest.repos.get(*place).parsed_data.permissions.push
    assert kit.rest.rate_limit.get().parsed_data.resources.core.limit == 5000


# Lists and pages


def walk(web: httpx.Client, url: str | None) -> Iterator[list[int]]:
    while url:
        answer = web.get(url)
        yield [issue["number"] for issue in answer.json()]
        url = answer.links.get("next", {}).get("url")


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_issues_are_walked_by_cursor_and_each_comes_once(web: httpx.Client, direction: str) -> None:
    pages = list(walk(web, f"{ISSUES}?state=all&per_page=20&sort=updated&direction={direction}"))
    assert [len(page) for page in pages] == [20, 20, 9]
    assert len({number for page in pages for number in page}) == 49


def test_an_issue_that_is_touched_between_two_pages_pushes_no_other_off(web: httpx.Client) -> None:
    pages = walk(web, f"{ISSUES}?state=all&per_page=20&sort=updated&direction=asc")
    seen = next(pages)
    web.patch(f"{ISSUES}/{seen[0]}", json={"title": "Another title"})
    rest = [number for page in pages for number in page]
    assert len(set(seen + rest)) == 49
    assert rest[-1] == seen[0]


def test_page_numbers_are_refused_for_issues_as_in_large_repositories(web: httpx.Client) -> None:
    assert web.get(ISSUES, params={"page": 1}).status_code == 200
    refused = web.get(ISSUES, params={"page": 2})
    assert refused.status_code == 422
    assert "Pagination with the page parameter is not supported" in refused.json()["message"]


def test_a_cursor_that_is_none_is_refused(web: httpx.Client) -> None:
    assert web.get(ISSUES, params={"after": "bm9uZQ=="}).status_code == 422


def test_two_pull_requests_stand_among_the_issues(web: httpx.Client) -> None:
    issues = web.get(ISSUES, params={"per_page": 100}).json()
    assert sum("pull_request" in issue for issue in issues) == 2


@pytest.mark.parametrize("order", [("created", "asc"), ("updated", "desc"), ("comments", "desc")])
def test_issues_are_sorted_as_asked(web: httpx.Client, order: tuple[str, str]) -> None:
    sort, direction = order
    issues = web.get(ISSUES, params={"sort": sort, "direction": direction, "per_page": 100}).json()
    ranks = [issue["comments"] if sort == "comments" else issue[f"{sort}_at"] for issue in issues]
    assert ranks == sorted(ranks, reverse=direction == "desc")


def test_issues_are_filtered_by_state_labels_and_creator(web: httpx.Client) -> None:
    closed = web.get(ISSUES, params={"state": "closed", "per_page": 100}).json()
    assert {issue["state"] for issue in closed} == {"closed"}
    both = web.get(ISSUES, params={"labels": "BUG,starter-kit", "per_page": 100}).json()
    assert both
    assert all({"bug", "starter-kit"} <= set(names(issue["labels"])) for issue in both)
    hers = web.get(ISSUES, params={"creator": "hedda-lindqvist"}).json()
    assert [issue["number"] for issue in hers] == [1046]


def test_since_gives_what_was_touched_at_that_second_or_later(web: httpx.Client) -> None:
    touched = web.post(f"{ISSUES}/934/comments", json={"body": "Late thanks."}).json()
    since = {"since": touched["created_at"]}
    assert [issue["number"] for issue in web.get(ISSUES, params=since | {"state": "all"}).json()] == [934]
    stream = web.get(f"{ISSUES}/comments", params=since | {"sort": "updated", "direction": "asc"}).json()
    assert [comment["id"] for comment in stream] == [touched["id"]]


def test_a_since_that_is_no_moment_is_refused(web: httpx.Client) -> None:
    assert web.get(ISSUES, params={"since": "yesterday"}).json()["errors"][0]["field"] == "since"


def test_comments_come_in_pages_oldest_first_with_a_link_to_the_next(web: httpx.Client) -> None:
    for turn in range(5):
        web.post(f"{ISSUES}/1046/comments", json={"body": f"Answer {turn}"})
    first = web.get(f"{ISSUES}/1046/comments", params={"per_page": 3})
    second = web.get(first.links["next"]["url"])
    assert [comment["body"] for comment in first.json() + second.json()] == [f"Answer {turn}" for turn in range(5)]
    assert "next" not in second.links


# Conditional requests and limits


@pytest.mark.parametrize("path", ["/user", REPOSITORY, ISSUES, f"{ISSUES}/1046", f"{ISSUES}/997/comments"])
def test_an_unchanged_answer_is_304_and_costs_nothing(web: httpx.Client, path: str) -> None:
    first = web.get(path)
    again = web.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]


def test_a_head_is_answered_as_its_get_without_the_body_and_is_no_write(web: httpx.Client) -> None:
    got, head = web.get(ISSUES), web.head(ISSUES)
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[name] for name in ("ETag", "Link")] == [got.headers[name] for name in ("ETag", "Link")]
    assert web.get("/_sandbox/state").json()["log"] == []


def test_a_changed_issue_is_sent_again(web: httpx.Client) -> None:
    tag = web.get(f"{ISSUES}/1046").headers["ETag"]
    web.post(f"{ISSUES}/1046/labels", json={"labels": ["question"]})
    assert web.get(f"{ISSUES}/1046", headers={"If-None-Match": tag}).status_code == 200


def test_tags_differ_from_person_to_person(server: SandboxServer, web: httpx.Client) -> None:
    with client(server, "login-ann") as ann:
        assert ann.get(ISSUES).headers["ETag"] != web.get(ISSUES).headers["ETag"]


def test_each_answer_says_what_is_left_of_the_rate_limit_and_who_it_was(web: httpx.Client) -> None:
    first, second = web.get(ISSUES), web.get(ISSUES)
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left == [4999, 4998]
    assert web.get("/rate_limit").json()["resources"]["core"]["remaining"] == 4998
    assert first.headers["X-GitHub-Request-Id"] != second.headers["X-GitHub-Request-Id"]


def test_the_limit_never_runs_dry_by_itself() -> None:
    viewer, left = read_viewer("Bearer any-token"), []
    for _ in range(6000):
        viewer.spend(NOW)
        left.append(viewer.rate_limit.remaining)
    assert (min(left), max(left)) == (2500, 4999)


def test_a_limit_that_is_held_is_kept_to(web: httpx.Client) -> None:
    web.post("/_sandbox/limit", json={"remaining": 1, "seconds": 60})
    assert web.get("/user").status_code == 200
    refused = web.get("/user")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert refused.json()["message"].startswith("API rate limit exceeded")


# Comments


def test_a_comment_is_kept_byte_for_byte(web: httpx.Client) -> None:
    body = "  Größe: 1 \u2603 \U0001f642\r\n\r\n```\ncode\n```\n\n<!-- triage: 1 -->"
    posted = web.post(f"{ISSUES}/1046/comments", json={"body": body}).json()
    assert web.get(f"{ISSUES}/comments/{posted['id']}").json()["body"] == body


@pytest.mark.parametrize(
    ("body", "message"),
    [("", "Body cannot be blank"), (" \n ", "Body cannot be blank"), ("x" * 65_537, "Body is too long (maximum is")],
)
def test_a_comment_that_is_blank_or_too_long_is_refused(web: httpx.Client, body: str, message: str) -> None:
    refused = web.post(f"{ISSUES}/1046/comments", json={"body": body})
    error = refused.json()["errors"][0]
    assert (refused.status_code, error["resource"]) == (422, "IssueComment")
    assert error["message"].startswith(message)


def test_the_longest_comment_is_taken(web: httpx.Client) -> None:
    assert web.post(f"{ISSUES}/1046/comments", json={"body": "x" * 65_536}).status_code == 201


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"{", 400), (b"[" * 100_000, 400), (b"[]", 422), (b"{}", 422), (b'{"body": 1}', 422), (b"", 422)],
)
def test_a_request_without_a_usable_body_is_refused(web: httpx.Client, sent: bytes, status: int) -> None:
    assert web.post(f"{ISSUES}/1046/comments", content=sent).status_code == status


def test_a_deleted_comment_is_gone_and_the_issue_touched(web: httpx.Client) -> None:
    before = web.get(f"{ISSUES}/997").json()
    [first, *_] = web.get(f"{ISSUES}/997/comments").json()
    assert web.delete(f"{ISSUES}/comments/{first['id']}").status_code == 204
    assert web.get(f"{ISSUES}/comments/{first['id']}").status_code == 404
    after = web.get(f"{ISSUES}/997").json()
    assert after["comments"] == before["comments"] - 1
    assert after["updated_at"] > before["updated_at"]


# Issues


@pytest.mark.parametrize(
    ("sent", "reason"),
    [({}, "completed"), ({"state_reason": "not_planned"}, "not_planned"), ({"state_reason": "duplicate"}, "duplicate")],
)
def test_an_issue_is_closed_with_its_reason_and_opened_again(
    web: httpx.Client, sent: dict[str, str], reason: str
) -> None:
    closed = web.patch(f"{ISSUES}/1046", json={"state": "closed"} | sent).json()
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["login"]) == (
        "closed",
        reason,
        "sandbox-maintainer",
    )
    opened = web.patch(f"{ISSUES}/1046", json={"state": "open"}).json()
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)


def test_closing_twice_changes_nothing_but_another_reason_does(web: httpx.Client) -> None:
    first = web.patch(f"{ISSUES}/1046", json={"state": "closed", "state_reason": "not_planned"}).json()
    assert web.patch(f"{ISSUES}/1046", json={"state": "closed"}).json() == first
    other = web.patch(f"{ISSUES}/1046", json={"state_reason": "completed"}).json()
    assert (other["state_reason"], other["closed_at"]) == ("completed", first["closed_at"])


def test_title_body_and_labels_of_an_issue_can_be_changed(web: httpx.Client) -> None:
    changed = web.patch(
        f"{ISSUES}/1046", json={"title": "T", "body": "B", "labels": ["Question", {"name": "new-one"}]}
    ).json()
    assert (changed["title"], changed["body"], names(changed["labels"])) == ("T", "B", ["new-one", "question"])


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"state": "done"}, "state"),
        ({"state": "closed", "state_reason": "stale"}, "state_reason"),
        ({"title": " "}, "title"),
        ({"title": "x" * 257}, "title"),
        ({"body": "x" * 65_537}, "body"),
    ],
)
def test_an_update_that_cannot_be_is_refused_whole(web: httpx.Client, sent: dict[str, str], field: str) -> None:
    before = web.get(f"{ISSUES}/1046").json()
    refused = web.patch(f"{ISSUES}/1046", json={"labels": []} | sent)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert web.get(f"{ISSUES}/1046").json() == before


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        (f"{ISSUES}/4", 404, "Not Found"),
        (f"{ISSUES}/four", 404, "Not Found"),
        (f"{ISSUES}/1017", 410, "This issue was deleted"),
        (f"{ISSUES}/1017/comments", 410, "This issue was deleted"),
        (f"{ISSUES}/comments/1", 404, "Not Found"),
        ("/repos/sandbox/nothing", 404, "Not Found"),
        ("/repos/sandbox/no-issues/issues", 410, "Issues has been disabled in this repository."),
        ("/nowhere", 404, "Not Found"),
        ("/repos/sandbox/starter-kit/nowhere", 404, "Not Found"),
    ],
)
def test_what_is_not_there_is_said_in_githubs_words(web: httpx.Client, path: str, status: int, message: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_the_name_of_the_repository_may_be_written_in_any_case(web: httpx.Client) -> None:
    assert web.get("/repos/Sandbox/Starter-Kit").json()["full_name"] == "sandbox/starter-kit"


# Labels


def test_a_label_that_nobody_made_is_created_grey_when_it_is_added(web: httpx.Client) -> None:
    assert web.get(f"{REPOSITORY}/labels/typo").status_code == 404
    web.post(f"{ISSUES}/1046/labels", json={"labels": ["typo"]})
    label = web.get(f"{REPOSITORY}/labels/typo").json()
    assert (label["color"], label["description"]) == ("ededed", None)


def test_names_of_labels_are_the_same_in_any_case(web: httpx.Client) -> None:
    assert names(web.post(f"{ISSUES}/1046/labels", json=["BUG"]).json()) == ["bug", "starter-kit"]
    refused = web.post(f"{REPOSITORY}/labels", json={"name": "Bug"})
    assert refused.json()["errors"] == [{"resource": "Label", "code": "already_exists", "field": "name"}]
    assert names(web.delete(f"{ISSUES}/1046/labels/BUG").json()) == ["starter-kit"]


def test_a_label_touches_the_issue_once(web: httpx.Client) -> None:
    before = web.get(f"{ISSUES}/983").json()["updated_at"]
    web.post(f"{ISSUES}/983/labels", json=["bug"])
    assert web.get(f"{ISSUES}/983").json()["updated_at"] == before
    web.post(f"{ISSUES}/983/labels", json=["question"])
    assert web.get(f"{ISSUES}/983").json()["updated_at"] > before


def test_a_label_that_is_not_on_the_issue_cannot_be_taken_off(web: httpx.Client) -> None:
    refused = web.delete(f"{ISSUES}/1046/labels/question")
    assert (refused.status_code, refused.json()["message"]) == (404, "Label does not exist")


def test_a_label_with_a_slash_and_a_blank_in_its_name_is_found_again(web: httpx.Client) -> None:
    web.post(f"{ISSUES}/1046/labels", json=["area/flow runs"])
    assert web.get(f"{REPOSITORY}/labels/area%2Fflow%20runs").json()["name"] == "area/flow runs"
    assert "area/flow runs" not in names(web.delete(f"{ISSUES}/1046/labels/area%2Fflow%20runs").json())


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "a", "color": "#fff"}, "color"),
        ({"name": "a", "description": "x" * 101}, "description"),
    ],
)
def test_a_label_that_cannot_be_is_refused(web: httpx.Client, sent: dict[str, str], field: str) -> None:
    refused = web.post(f"{REPOSITORY}/labels", json=sent)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


def test_a_label_that_is_renamed_stays_on_its_issues_and_one_that_is_deleted_leaves_them(web: httpx.Client) -> None:
    path = f"{REPOSITORY}/labels/starter-kit"
    renamed = web.patch(path, json={"new_name": "Kit", "color": "00FF00"}).json()
    assert (renamed["name"], renamed["color"]) == ("Kit", "00ff00")
    assert names(web.get(f"{ISSUES}/1046").json()["labels"]) == ["bug", "Kit"]
    assert web.get(path).status_code == 404
    assert web.patch(f"{REPOSITORY}/labels/kit", json={"new_name": "BUG"}).status_code == 422
    assert web.delete(f"{REPOSITORY}/labels/kit").status_code == 204
    assert names(web.get(f"{ISSUES}/1046").json()["labels"]) == ["bug"]


def test_a_label_too_long_to_be_one_is_not_added(web: httpx.Client) -> None:
    refused = web.post(f"{ISSUES}/1046/labels", json=["bug", "x" * 51])
    assert refused.json()["errors"][0]["code"] == "invalid"
    assert names(web.get(f"{ISSUES}/1046").json()["labels"]) == ["bug", "starter-kit"]


def test_all_labels_of_an_issue_can_be_taken_off(web: httpx.Client) -> None:
    assert web.delete(f"{ISSUES}/1046/labels").status_code == 204
    assert web.get(f"{ISSUES}/1046/labels").json() == []


def test_the_labels_of_the_templates_have_to_be_created_deliberately(web: httpx.Client) -> None:
    there = names(web.get(f"{REPOSITORY}/labels", params={"per_page": 100}).json())
    assert {"bug", "question", "documentation", "starter-kit"} <= set(there)
    assert not {"transient-error", "import-upgrade", "wontfix"} & set(there)


# Tokens


def test_a_token_without_meaning_is_the_maintainers(web: httpx.Client) -> None:
    assert web.get("/user").json()["login"] == "sandbox-maintainer"


def test_a_token_can_name_its_owner(server: SandboxServer, web: httpx.Client) -> None:
    with client(server, "login-ann") as ann:
        posted = ann.post(f"{ISSUES}/1046/comments", json={"body": "Hello"}).json()
    assert (posted["user"]["login"], posted["author_association"]) == ("ann", "MEMBER")


def test_an_expired_token_is_answered_401(server: SandboxServer) -> None:
    with client(server, "expired-in-may") as late:
        answer = late.get(ISSUES)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_without_a_token_one_may_read_but_is_nobody(server: SandboxServer, web: httpx.Client) -> None:
    with client(server, "") as nobody:
        assert nobody.get(ISSUES).headers["X-RateLimit-Limit"] == "60"
        assert nobody.get("/user").status_code == 401
        assert nobody.post(f"{ISSUES}/1046/comments", json={"body": "Hi"}).status_code == 401


WRITES = [
    ("POST", f"{ISSUES}/1046/comments", {"body": "Hi"}),
    ("POST", f"{ISSUES}/1046/labels", {"labels": ["bug"]}),
    ("DELETE", f"{ISSUES}/1046/labels/bug", None),
    ("PATCH", f"{ISSUES}/1046", {"state": "closed"}),
    ("POST", f"{REPOSITORY}/labels", {"name": "mine"}),
]


@pytest.mark.parametrize(
    ("token", "allowed"),
    [("read-only", [403] * 5), ("outsider", [201, 403, 403, 403, 403]), ("triage-only", [201, 200, 200, 200, 403])],
)
def test_what_a_token_may_not_write_is_refused(
    server: SandboxServer, web: httpx.Client, token: str, allowed: list[int]
) -> None:
    with client(server, token) as person:
        assert [person.request(method, path, json=sent).status_code for method, path, sent in WRITES] == allowed
        rights = person.get(REPOSITORY).json()["permissions"]
    assert (rights["push"], rights["triage"]) == (False, token == "triage-only")


def test_a_read_only_token_hears_what_github_says(server: SandboxServer, web: httpx.Client) -> None:
    with client(server, "read-only-one") as reader:
        refused = reader.post(f"{ISSUES}/1046/comments", json={"body": "Hi"}).json()
    assert refused["message"] == "Resource not accessible by personal access token"


def test_who_may_not_push_creates_no_label_by_adding_it(server: SandboxServer, web: httpx.Client) -> None:
    with client(server, "triage-only") as triager:
        refused = triager.post(f"{ISSUES}/1046/labels", json=["brand-new"])
    assert refused.json()["errors"] == [{"resource": "Repository", "field": "label", "code": "unauthorized"}]


def test_a_reporter_may_edit_the_issue_but_labels_are_dropped_silently(
    server: SandboxServer, web: httpx.Client
) -> None:
    with client(server, "outsider-login-hedda-lindqvist") as hedda:
        changed = hedda.patch(f"{ISSUES}/1046", json={"title": "Mine", "labels": []}).json()
    assert (changed["title"], names(changed["labels"])) == ("Mine", ["bug", "starter-kit"])


def test_a_comment_of_somebody_else_is_not_for_everybody(server: SandboxServer, web: httpx.Client) -> None:
    [first, *_] = web.get(f"{ISSUES}/997/comments").json()
    with client(server, "triage-only") as triager:
        assert triager.delete(f"{ISSUES}/comments/{first['id']}").status_code == 403
        own = triager.post(f"{ISSUES}/1046/comments", json={"body": "Mine"}).json()
        assert triager.delete(f"{ISSUES}/comments/{own['id']}").status_code == 204


def test_nothing_is_written_to_an_archived_repository(web: httpx.Client) -> None:
    refused = web.post("/repos/sandbox/archived-kit/issues/3/comments", json={"body": "Hi"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Repository was archived so is read-only.")


# An older Enterprise Server


def test_an_older_server_lacks_the_newest_fields(server: SandboxServer, web: httpx.Client) -> None:
    with client(server, "old-ghes") as old:
        issues = {issue["number"]: issue for issue in old.get(ISSUES, params={"per_page": 100}).json()}
        label = old.get(f"{REPOSITORY}/labels/bug").json()
        rights = old.get(REPOSITORY).json()["permissions"]
    assert issues[1043]["labels"] == ["bug", "starter-kit"]
    assert names(issues[1046]["labels"]) == ["bug", "starter-kit"]
    assert issues[1042]["user"] is None
    assert issues[1050]["body"] is None
    assert "archived_at" not in label
    assert "sub_issues_summary" not in issues[1046]
    assert set(rights) == {"admin", "push", "pull"}


def test_an_older_server_names_itself_and_keeps_no_rate_limit(server: SandboxServer) -> None:
    with client(server, "old-ghes") as old:
        answer, limit = old.get(f"{ISSUES}/986/comments"), old.get("/rate_limit")
    assert answer.headers["X-GitHub-Enterprise-Version"] == "3.8.1"
    assert "X-RateLimit-Remaining" not in answer.headers
    assert answer.json()[0]["user"] is None
    assert (limit.status_code, limit.json()["message"]) == (404, "Rate limiting is not enabled.")


def test_a_whole_server_can_be_old() -> None:
    with SandboxServer(old=True) as server, client(server) as web:
        assert "archived_at" not in web.get(f"{REPOSITORY}/labels/bug").json()


def test_the_api_answers_below_the_path_of_an_enterprise_server_too(server: SandboxServer) -> None:
    issue = httpx.get(f"{server.enterprise_url}{ISSUES}/1046").json()
    assert issue["url"] == f"{server.enterprise_url}{ISSUES}/1046"
    assert issue["html_url"] == f"{server.url}/sandbox/starter-kit/issues/1046"


# Pages for people


def test_the_page_of_a_comment_shows_it_as_github_would_and_runs_nothing(web: httpx.Client) -> None:
    posted = web.post(f"{ISSUES}/1046/comments", json={"body": "**Wait**<script>alert(1)</script>"}).json()
    answer = web.get(posted["html_url"])
    assert "<strong>Wait</strong>" in answer.text
    assert "<script" not in answer.text
    assert f'id="issuecomment-{posted["id"]}"' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["", "/blob/HEAD/docs/guide.md", "/pull/952"])
def test_the_other_pages_of_a_repository_lead_somewhere(web: httpx.Client, path: str) -> None:
    assert web.get(f"/sandbox/starter-kit{path}").status_code == 200
