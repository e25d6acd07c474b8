# What the schema of SARIF 2.1.0 asks of the parts that we write, and what code scanning asks beyond it: prints each fault.
def fault(good; $what): if (try good catch false) then empty else $what end;
def only($names): (keys - $names) == [];
def text: type == "string" and length > 0;
def count: type == "number" and . == floor and . >= 0;
def is_message: type == "object" and only(["text"]) and (.text | text);
def is_level: . as $l | ["none", "note", "warning", "error"] | index([$l]) != null;
def is_region:
	only(["startLine", "startColumn", "endLine", "endColumn"]) and all(.[]; count and . >= 1) and .startLine != null
	and (.endLine > .startLine or (.endLine == .startLine and .endColumn >= .startColumn));
def is_uri: text and test("^[A-Za-z0-9._~/%:-]+$") and (test("%(?![0-9A-F]{2})") | not);
def is_artifact: only(["uri"]) and (.uri | is_uri);
def is_location:
	only(["physicalLocation", "message", "id"]) and (.physicalLocation | only(["artifactLocation", "region"])
	and (.artifactLocation | is_artifact) and (.region | is_region))
	and (.message == null or (.message | is_message)) and (.id == null or (.id | count));
def is_replacement: only(["deletedRegion", "insertedContent"]) and (.deletedRegion | is_region)
	and (.insertedContent | only(["text"]) and (.text | type == "string"));
def is_change: only(["artifactLocation", "replacements"]) and (.artifactLocation | is_artifact)
	and (.replacements | length >= 1 and all(.[]; is_replacement));
def is_fix: only(["description", "artifactChanges"]) and (.description | is_message)
	and (.artifactChanges | length >= 1 and all(.[]; is_change));
def is_rule:
	only(["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"])
	and (.id | test("^SK[0-9]{3}$")) and (.name | text)
	and all(.shortDescription, .fullDescription, .help; is_message)
	and (.defaultConfiguration | only(["level"]) and (.level | is_level));
def is_result($rules):
	only(["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes", "partialFingerprints"])
	and .ruleId == $rules[.ruleIndex].id and (.level | is_level) and .level != "none" and (.message | is_message)
	and (.locations | type == "array" and all(.[]; is_location))
	and ((.relatedLocations // []) | all(.[]; is_location and .message != null) and (map(.id) | unique | length) == length)
	and ((.fixes // []) | all(.[]; is_fix))
	and (.partialFingerprints | length >= 1 and all(.[]; text));

fault(only(["$schema", "version", "runs"]); "members of the log"),
fault(.version == "2.1.0"; "version"),
fault(."$schema" | test("sarif-schema-2.1.0.json$"); "$schema"),
fault(.runs | type == "array" and length == 1; "runs"),
(.runs[0]
	| fault(only(["tool", "columnKind", "results"]); "members of the run"),
	fault(.columnKind == "unicodeCodePoints"; "columnKind"),
	fault(.tool | only(["driver"]) and (.driver | only(["name", "version", "rules"])) ; "tool"),
	fault(.tool.driver.name == "setkey" and (.tool.driver.version | text); "driver"),
	fault(.tool.driver.rules | (map(.id) | unique | length) == length; "a rule twice"),
	(.tool.driver.rules[] | fault(is_rule; "rule \(.id)")),
	(.tool.driver.rules as $rules | .results[] | fault(is_result($rules); "result \(.ruleId): \(.message.text)")),
	fault([.results[].partialFingerprints[]] | (unique | length) == length; "a fingerprint twice"))
