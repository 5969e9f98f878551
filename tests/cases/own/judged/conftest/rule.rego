package acme.rule

deny contains "a"

violation contains {"msg": "b", "details": {"more": 1}}

warn contains {"msg": "c"}

warn contains "d"
