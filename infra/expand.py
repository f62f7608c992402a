"""What CloudFormation makes of a packaged template: `python -m infra.expand`.

Has the translator of AWS's Serverless Application Model write every function, event and API of
`build/package/template.json` as plain resources, to `build/package/expanded.json`, which checkers
read. It needs no AWS account.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

#: Where the code would lie; `aws cloudformation package` puts the true place into the template.
CODE_BUCKET = "precedent-code"


def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """A packaged template as plain CloudFormation."""
    copy = json.loads(json.dumps(template))
    for resource in copy["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            local = resource["Properties"]["CodeUri"]
            resource["Properties"]["CodeUri"] = local.replace("./", f"s3://{CODE_BUCKET}/")
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # it asks, and writes it nowhere
    plain: dict[str, Any] = Translator({}, Parser()).translate(copy, {})
    return plain


def main() -> None:
    """Expand what `infra.package` wrote."""
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "build/package")
    packaged = directory / "template.json"
    if not packaged.is_file():
        raise SystemExit(f"There is no {packaged}: run `make package` first.")
    template = json.loads(packaged.read_text())
    (directory / "expanded.json").write_text(json.dumps(expanded(template), indent=1) + "\n")


if __name__ == "__main__":
    main()
