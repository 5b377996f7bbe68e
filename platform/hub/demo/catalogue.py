"""The twenty lesions of the demo: place, size and make-up chosen by hand, so that every kind is met once."""

from hub.demo.lesions import CC, ED, ET, NET, LesionPlan

PILOCYTIC = {CC: 0.55, ET: 0.22, NET: 0.23}
PILOCYTIC_EDEMA = {CC: 0.42, ET: 0.20, NET: 0.20, ED: 0.18}
SOLID = {NET: 0.72, ET: 0.28}
SOLID_EDEMA = {NET: 0.48, ET: 0.22, ED: 0.30}
DIFFUSE = {NET: 1.0}
DIFFUSE_EDEMA = {NET: 0.70, ED: 0.30}
MIXED = {ET: 0.18, NET: 0.40, CC: 0.22, ED: 0.20}
FAINT = {NET: 0.70}

LESIONS = (
    LesionPlan("posterior fossa", (14.0, -62.0, -34.0), 38.0, PILOCYTIC, stretch=(1.1, 1.0, 0.9)),
    LesionPlan("suprasellar", (0.0, 4.0, -18.0), 14.5, SOLID, stretch=(1.2, 1.0, 1.0)),
    LesionPlan("hemispheric, right frontal", (32.0, 34.0, 22.0), 52.0, MIXED),
    LesionPlan("hemispheric, left temporal", (-46.0, -14.0, -18.0), 9.2, DIFFUSE, 0.2, signal=FAINT),
    LesionPlan("brainstem", (-2.0, -26.0, -32.0), 17.0, DIFFUSE, stretch=(1.1, 0.9, 1.2), signal={NET: 0.76}),
    LesionPlan("posterior fossa", (0.0, -64.0, -30.0), 61.0, PILOCYTIC_EDEMA, stretch=(1.1, 1.0, 0.95)),
    LesionPlan("hemispheric, left parietal", (-32.0, -48.0, 40.0), 23.5, SOLID_EDEMA),
    LesionPlan("thalamus", (13.0, -18.0, 8.0), 11.8, SOLID, signal={NET: 0.78}),
    LesionPlan("hemispheric, right occipital", (28.0, -78.0, 8.0), 6.4, DIFFUSE_EDEMA),
    LesionPlan("optic pathway", (7.0, 2.0, -16.0), 4.1, SOLID, stretch=(0.9, 1.5, 0.8)),
    LesionPlan("hemispheric, left frontal", (-30.0, 26.0, 30.0), 89.0, MIXED, roughness=0.19),
    LesionPlan("posterior fossa", (-24.0, -66.0, -36.0), 19.5, PILOCYTIC),
    LesionPlan("tectal", (1.0, -34.0, -8.0), 0.7, DIFFUSE, roughness=0.1, signal={NET: 0.78}),
    LesionPlan("suprasellar", (-2.0, 6.0, -16.0), 27.0, PILOCYTIC_EDEMA),
    LesionPlan("hemispheric, right temporal", (48.0, -22.0, -14.0), 33.0, SOLID_EDEMA, 0.16, (0.9, 1.3, 0.9)),
    LesionPlan(
        "multifocal", (-22.0, -6.0, 24.0), 21.0, SOLID_EDEMA,
        satellites=((50.0, 20.0, 8.0), (12.0, -52.0, -14.0), (40.0, -48.0, 14.0)),
    ),
    LesionPlan("brainstem", (2.0, -34.0, -46.0), 5.3, SOLID, stretch=(0.9, 0.9, 1.4)),
    LesionPlan("hemispheric, right parietal", (30.0, -44.0, 36.0), 2.6, DIFFUSE, roughness=0.2, signal=FAINT),
    LesionPlan("posterior fossa", (13.0, -62.0, -35.0), 12.6, PILOCYTIC),
    LesionPlan("hemispheric, left frontal", (-30.0, 26.0, 30.0), 44.0, PILOCYTIC_EDEMA, roughness=0.19),
)  # fmt: skip
# Subjects 1 and 11 come back with recurrence, scanned on the same grid as before.
SUBJECTS = (*range(1, 19), 1, 11)
