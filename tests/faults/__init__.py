"""One thing goes wrong at a time, at every child and every operation on a file or descriptor of a run.

``points`` reads the places from the program's source, ``probe`` finds them in a run and lets one of them fail,
``children`` are programs that misbehave, ``scenarios`` the runs, ``server`` plays them, ``plan`` says what is tried
where and what must come of it, ``checks`` what must hold behind every attempt, ``campaign`` brings all of it together.

Two data files hold what was decided by hand, each with its reason, and each tested for what is no longer so:
``elsewhere.json`` the places that no scenario comes by, ``harmless.json`` the faults that rightly leave an allow.
"""
