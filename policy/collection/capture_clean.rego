# METADATA
# title: The capture has no defects
# description: >-
#   Denies whatever the capture recorded as a defect: text between or behind JSON documents, rows of the wrong shape, a
#   report that changed, a killed linkerd. Each names the file and the byte. Run the capture again; if it comes back,
#   look at what else writes to linkerd's output.
# custom:
#   code: MESH012
package collection.capture_clean

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message for each defect, and one where the list itself is missing.
# scope: document
deny contains msg if {
	some defect in input.command_run.capture.defects
	msg := sprintf("the capture has the defect %v%v: %v", [
		_field(defect, "code", "without a code"),
		_place(defect),
		_field(defect, "detail", "no detail"),
	])
}

deny contains msg if {
	not _foreign
	not _listed
	msg := "the capture does not say which defects it has"
}

# Evidence that cilock made has no capture; its reports are judged by the rules under mesh alone. A capture that is
# there and is null or false is none of cilock's.
_foreign if {
	is_array(input.command_run.cmd)
	not "capture" in object.keys(input.command_run)
}

_listed if is_array(input.command_run.capture.defects)

_place(defect) := sprintf(" in %v at byte %v", [defect.file, _field(defect, "offset", "?")]) if {
	defect.file != ""
} else := ""

# Not object.get, which fails for a defect that is no object, and takes the message with it.
_field(defect, key, otherwise) := value if {
	value := defect[key]
} else := otherwise
