"""How devices and people write a side of the body: tables, in English, German, French and Spanish. Pure.

Words are folded: small letters without accents. Sides are those of (0020,0060): R, L, and B for both.
"""

from __future__ import annotations

RIGHT, LEFT, BOTH = "R", "L", "B"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that mean a side wherever they stand, unless what stands beside them says otherwise (ORGANS, VIEWS).
PLAIN: dict[str, str] = {
    **dict.fromkeys(("right", "rechts", "rechte", "rechter", "rechtes", "rechten", "rechtem", "rechtsseitig"), RIGHT),
    **dict.fromkeys(("droit", "droite", "droits", "droites", "derecho", "derecha", "derechos", "derechas"), RIGHT),
    **dict.fromkeys(("left", "links", "linke", "linker", "linkes", "linken", "linkem", "linksseitig"), LEFT),
    **dict.fromkeys(("gauche", "gauches", "izquierdo", "izquierda", "izquierdos", "izquierdas"), LEFT),
    **dict.fromkeys(("bilateral", "bilaterally", "bilaterale", "bilaterales", "bilateraux"), BOTH),
    **dict.fromkeys(("bilat", "beidseits", "beidseitig", "beiderseits", "bds"), BOTH),
}

# Short forms: a side only beside a part of the body of which there are two. By the language of that part.
SHORT: dict[str, dict[str, str]] = {
    "": {"r": RIGHT, "rt": RIGHT, "l": LEFT, "lt": LEFT},
    "en": {"both": BOTH},
    "de": {"re": RIGHT, "li": LEFT, "beide": BOTH, "beider": BOTH, "beiden": BOTH},
    "fr": {"d": RIGHT, "dt": RIGHT, "dte": RIGHT, "g": LEFT, "gche": LEFT},
    "es": {
        **dict.fromkeys(("d", "der", "dcha", "dcho", "dch"), RIGHT),
        **dict.fromkeys(("i", "izq", "izqda", "izqdo", "izda", "izdo"), LEFT),
        **dict.fromkeys(("ambos", "ambas"), BOTH),
    },
}
# German short forms are also written beside a part in English or Latin, as DICOM's own codes are.
NEUTRAL = ("", "en", "de")

# Two sides joined: R/L, re+li, rechts und links. A hyphen joins nothing: R-L is a direction.
JOINTS = frozenset({"/", "+", "&", "and", "und", "et", "y", "e", "u"})

# Views of the breast, with the side before them: RCC, L-MLO.
BREAST_VIEWS = frozenset({"cc", "mlo", "ml", "lm", "xccl", "xccm", "lmo"})

# Parts of which there are two, by language. Of the codes of (0018,0015) those that are paired are English words.
PAIRED: dict[str, frozenset[str]] = {
    "en": _words("""
        knee knees ankle ankles foot feet toe toes hand hands wrist wrists finger fingers thumb elbow elbows forearm
        humerus shoulder shoulders clavicle scapula hip hips femur thigh leg legs tibia fibula tib fib tibfib calf
        patella calcaneus heel arm arms radius ulna breast breasts mamma kidney kidneys ureter axilla eye orbit
        lowerleg upperarm extremity acromioclavicular acjoint sijoint scaphoid mandible tmj carotid groin hemithorax
        adrenal testis ovary
    """),
    "de": _words("""
        knie kniegelenk sprunggelenk osg fuss fusse zeh zehe vorfuss hand hande handgelenk finger daumen ellenbogen
        ellbogen unterarm oberarm schulter schultergelenk schlusselbein klavikula clavicula skapula hufte huftgelenk
        oberschenkel unterschenkel femur tibia fersenbein ferse kalkaneus bein arm brust mamma niere nieren auge
        patella kniescheibe achsel leiste karotis
    """),
    "fr": _words("""
        genou genoux cheville chevilles pied pieds orteil main mains poignet poignets doigt pouce coude coudes
        epaule epaules clavicule omoplate hanche hanches cuisse jambe tibia perone femur humerus avantbras bras
        talon rotule sein seins rein reins oeil aisselle calcaneum
    """),
    "es": _words("""
        rodilla rodillas tobillo tobillos pie pies mano manos muneca dedo pulgar codo codos hombro hombros clavicula
        escapula cadera caderas muslo pierna piernas tibia perone femur humero antebrazo brazo talon rotula mama
        mamas rinon rinones ojo axila calcaneo
    """),
}

# The side of an organ inside, not of the body: left ventricle, coeur droit.
ORGANS = _words("""
        ventricle ventricular ventricles atrium atrial appendage heart coronary bundle lobe ventrikel vorhof herz
        herzkammer ventricule oreillette coeur ventriculo auricula corazon hepatic portal
    """)
# A direction of the beam when it stands beside the side; with a paired part in the text it is that part's side.
VIEWS = _words("lateral laterally lat laterale laterales seitlich profil perfil oblique obl oblicua oblicuo schrag")
ENDS = _words("anterior posterior ant post anterieure posterieure anterieur posterieur")
OBLIQUES = _words("oblique obl oblicua oblicuo schrag")
# How the patient lies, where the contrast goes in, which way the scanner encodes: no side in all of the text.
POSTURES = _words("""
        decubitus decub decubito seitenlage linksseitenlage rechtsseitenlage inject injected injection injektion
        inyeccion venflon cannula cannulated antecubital phase encoding direction pe
    """)
# A short form before one of these is no side: L spine, L WS, RT plan, re scan, R R (two of a kind).
NO_SIDE_BEFORE = _words("""
        spine spines ws wk lws bws wirbel wirbelsaule sp plan planning dose struct image images treatment scan
        rescan do take peat run recon format rachis columna raquis
    """)
# After one of these a short form is a number: fase I, grade I.
NUMBERED = _words("fase phase tipo type grado grade grad stage")
