"""Texts to measure with: bodies as reporters write them, and texts that patterns stumble over."""

from collections.abc import Mapping

_FORM = """### Does this bug already exist in our backlog?

- [x] I have checked and confirm this is a new bug.

### Describe the issue

{description}

### Expected Behavior

The new version is in place afterwards.

### What solution are you experiencing the issue with?

Core

### What solution version are you using?

4.50.{patch}

### What app or flow are you having the issue with?

{flow}

### What method are you using to get inventory and telemetry?

Cloud flows

### Steps To Reproduce

1. Download the package of the month and unpack it
2. Open the solutions page, choose the environment, import Core as an upgrade
3. Wait for the end and look at the solution history

### Anything else?

{more}
"""

_DESCRIPTIONS = (
    "Each month we upgrade. This time: Error while importing workflow {0a51b9aa-1f5e-ed11-9561-000d3a8a77b1} type"
    ' ModernFlow name HELPER - ObjectOperations: Flow server error returned with status code "BadGateway". 80097376.',
    "After twenty minutes: 0x80072031, the operation completed without reporting its status. May I repeat it?",
    "Solution Core failed to import: some dependencies are missing: CreatorKitCore. What has to be installed before?",
    "The import succeeded. Since then the inventory flow ends each night with 502 Bad Gateway in its first step.",
    "Which order do you recommend for the upgrade of Core, Governance and Nurture, and may I skip two versions?",
    "ImportAsHolding failed with exception: Holding solution CenterofExcellenceCore_Upgrade already exists. 80048539",
    "CanvasApp import: FAILURE: Code: TooManyRequests Message: Too many requests sent to a service. Tried for days.",
)
_MORE = (
    "Nothing was changed on our side between the last release and this one, and the same service account is used. ",
    "The log lists the components that were handled before: tables, columns, views, forms, roles, apps, flows. ",
    "Operation id 6f6f0f6e-33c1-4b0e-9d53-0b9b5b1d6c11, started 2026-10-05 07:41, ended 2026-10-05 07:58, EMEA. ",
)


def make_bodies(count: int, size: int = 2_000) -> list[str]:
    """That many different bodies of about `size` characters, import failures of every kind among them."""
    bodies = []
    for at in range(count):
        head = _FORM.format(
            description=_DESCRIPTIONS[at % len(_DESCRIPTIONS)],
            patch=at % 10,
            flow=("Core import", "DLP Request | Sync new Policy", "None")[at % 3],
            more="{more}",
        )
        filler = "".join(_MORE[(at + turn) % len(_MORE)] for turn in range(size // 100))
        bodies.append(head.replace("{more}", filler)[: size - 8] + f" {at:07}")
    return bodies


STUMBLING: Mapping[str, str] = {
    "one letter": "a",
    "blanks": " ",
    "line breaks": "\n",
    "digits": "8009",
    "half codes": "0x8009737",
    "codes": "80097376 ",
    "open quotation marks": '"',
    "open brackets": "![](",
    "open HTML comments": "<!--",
    "fences": "```\n",
    "headings": "### \n",
    "quoted lines": "> a\n",
    "mail headers": "From: a\n",
    "half addresses": "http://a?Error=",
    "import without failure": "import the solution ",
    "failures without import": "failed error ",
    "denials": "not ",
    "half messages": "Error while importing workflow ",
    "percent signs": "%3a8004",
}
"""By name, what is repeated up to the length that is measured."""


def repeat(part: str, length: int) -> str:
    return (part * (length // len(part) + 1))[:length]
