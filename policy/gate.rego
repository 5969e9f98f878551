# METADATA
# title: The gate
# description: >-
#   Collects what every rule finds into one decision. A rule exists because its file does and says its level: those
#   under mesh see the bare linkerd-check predicate as input, so that a cilock policy can carry them; those under
#   collection see the whole input. A rule of the floor denies, whatever a configuration says.
package gate

import rego.v1

# METADATA
# description: >-
#   The one answer that the program reads; anything but this shape is an error there. Everything stands in one body, as
#   behind `with`, where several documents are judged in one call, opa remembers no rule and would ask each again.
# entrypoint: true
decision := {
	"allow": _is_clean(checked, violations),
	"checked": checked,
	"off": {rule | some rule, level in levels; level == "off"},
	"violations": violations,
	"warnings": warnings,
	"waived": {entry | some rule, pairs in covered; some entry in _waived(rule, pairs)},
	"exempt": {entry | some rule, found in excepted; some entry in _told(rule, found)},
} if {
	own := _own_levels
	results := _own_results
	levels := {rule: _level(rule, level) | some rule, level in own}
	given := object.union(
		{rule: reasons | some rule, level in levels; level != "off"; reasons := _reasons(split(rule, "."))},
		{rule: union({result.deny, result.violation}) | some rule, result in results},
	)
	findings := {rule: {_finding(reason) | some reason in reasons} | some rule, reasons in given}
	sound := _sound
	covered := {rule: pairs |
		count(sound) > 0
		some rule, found in findings
		_is_waivable(rule, own)
		pairs := _covered(rule, found, sound)
	}
	excepted := {rule: found | some rule, all in findings; object.get(own, rule, "deny") != "floor"; found := _exempt(all)}
	left := object.union(
		{rule: _uncovered(found, object.get(covered, rule, []), object.get(excepted, rule, set())) |
			some rule, found in findings
		},
		_about_unused(levels, sound - {i | some _, pairs in covered; some pair in pairs; some i in pair[1]}),
	)
	checked := {rule | some rule, level in levels; level != "off"} | object.keys(results)
	violations := {entry |
		some rule, found in left
		object.get(levels, rule, "deny") in {"deny", "floor"}
		some entry in _told(rule, found)
	} | {{"rule": rule, "message": "the rule has no set named deny", "about": {}} |
		some rule in checked
		not is_set(object.get(given, rule, null))
	}
	warnings := {entry | some rule, found in left; levels[rule] == "warn"; some entry in _told(rule, found)} | {entry |
		some rule, result in results
		some entry in _told(rule, {_finding(reason) | some reason in result.warn})
	}
}

# METADATA
# description: What rules under mesh see. Absent evidence must be judged as empty, not left unjudged.
default predicate := {}

predicate := input.linkerd_check

_is_clean(checked, violations) if {
	count(checked) > 0
	count(violations) == 0
} else := false

# --- which rules there are, and at which level -----------------------------------------------------------------

_own_levels := object.union(
	{concat(".", ["mesh", name]): level | level := data.mesh[name].level},
	{concat(".", ["collection", name]): level | level := data.collection[name].level},
)

# What rules of one's own gave, where there are any: a module that is made for the run asks them.
default _own_results := {}

_own_results := data.gate_own.results

# A level that nobody knows denies.
_level(rule, own) := level if {
	own in {"deny", "warn", "off"}
	level := _asked_level(rule, own)
	level in {"deny", "warn", "off"}
} else := "floor"

_asked_level(rule, own) := level if {
	level := input.config.levels[rule]
} else := own

# --- what they find --------------------------------------------------------------------------------------------

# Findings say what they are about, so that one of them can be waived. Who reads deny alone, as cilock does, gets the
# same denials as sentences.
_reasons(["mesh", name]) := reasons if {
	reasons := data.mesh[name].findings with input as predicate with data.parameters as _parameters
} else := reasons if {
	reasons := data.mesh[name].deny with input as predicate with data.parameters as _parameters
}

_reasons(["collection", name]) := reasons if {
	reasons := data.collection[name].findings with data.parameters as _parameters
} else := reasons if {
	reasons := data.collection[name].deny with data.parameters as _parameters
}

default _parameters := {}

_parameters := input.config.parameters

_finding(reason) := {"message": reason, "about": {}} if {
	is_string(reason)
	reason != ""
} else := {"message": reason.msg, "about": _about(reason)} if {
	is_string(reason.msg)
	reason.msg != ""
} else := {"message": sprintf("the rule gave a reason that is no sentence: %v", [reason]), "about": {}}

_about(reason) := reason.about if {
	is_object(reason.about)
} else := {}

_most := 100

# A hundred findings of one rule and how many more there are: whoever wrote the evidence decides how many there could be.
_told(rule, found) := {object.union({"rule": rule}, finding) | some finding in found} if {
	count(found) <= _most + 1
} else := entries if {
	rest := {"message": sprintf("and %d more findings of this kind", [count(found) - _most]), "about": {}}
	entries := {object.union({"rule": rule}, finding) |
		some finding in array.concat(array.slice(sort(found), 0, _most), [rest])
	}
}

# --- what is excepted ------------------------------------------------------------------------------------------

# Of the floor, nothing but an edge that is named may be waived.
_is_waivable(rule, own) if object.get(own, rule, "deny") != "floor"

_is_waivable("mesh.edges_mtls", _)

# The positions of the waivers that hold. One that is expired, too broad or malformed waives nothing, and
# collection.waivers_sound says why; without that rule, none holds.
_sound := all - {problem.waiver | some problem in problems} if {
	all := {i | some i, _ in input.waivers}
	problems := data.collection.waivers_sound.problems with data.parameters as _parameters
	is_set(problems)
} else := set()

# Each finding that is covered, with its waivers. What sums up others is waived with the last of them.
_covered(rule, found, sound) := array.concat(singly, [[finding, all] |
	some finding in found
	finding.about.sums == count(singly)
	count(singly) > 0
]) if {
	singly := [[finding, waivers] |
		some finding in found
		waivers := {i | some i in sound; input.waivers[i].rule == rule; _selects(input.waivers[i].selector, finding.about)}
		count(waivers) > 0
	]
	all := {i | some pair in singly; some i in pair[1]}
}

_uncovered(found, covered, excepted) := (found - {pair[0] | some pair in covered}) - excepted

_waived(rule, pairs) := {object.union(entry, {"waivers": sort(waivers)}) |
	some waivers in {pair[1] | some pair in pairs}
	some entry in _told(rule, {pair[0] | some pair in pairs; pair[1] == waivers})
}

# Asked again once all others have spoken, as it is about what they left.
_about_unused(levels, unused) := {"collection.waivers_used": found} if {
	object.get(levels, "collection.waivers_used", "off") != "off"
	reasons := data.collection.waivers_used.findings with input.unused as unused
	found := {_finding(reason) | some reason in reasons}
} else := {}

# Every part of a selector must fit, and there is at least one.
_selects(selector, about) if {
	count(selector) > 0
	every part, pattern in selector {
		some value in _values(part, about)
		_fits(pattern, value)
	}
}

_values("source", about) := {sprintf("%v/%v", [about.src_namespace, about.src])}

_values("destination", about) := {sprintf("%v/%v", [about.dst_namespace, about.dst])}

_values("namespace", about) := _namespaces(about)

_values("check", about) := {about[key] | some key in ["check", "hint", "category"]}

_namespaces(about) := {about[key] | some key in ["namespace", "src_namespace", "dst_namespace"]}

# What a rule of one's own is about may be of any type.
_fits(pattern, value) if {
	is_string(value)
	glob.match(pattern, ["/"], value)
}

_exempt(all) := {finding | some finding in all; _is_exempt(finding.about)}

_is_exempt(about) if {
	some pattern in input.config.exempt.namespaces
	some namespace in _namespaces(about)
	_fits(pattern, namespace)
}

_is_exempt(about) if {
	some pattern in input.config.exempt.workloads
	some end in ["source", "destination"]
	some workload in _values(end, about)
	_fits(pattern, workload)
}
