"""English as radiologists write it."""

from __future__ import annotations

from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.text import phrases

REGIONS = {
    "KNEE": phrases("""
        knee*; menisc*; patell*; cruciate; acl; pcl; mcl; lcl; condyle*; popliteal; baker*; trochlea*; tibiofemoral;
        hoffa*; gerdy*; tibial plateau; femorotibial; retinaculum
    """),
    "HIP": phrases("""
        hip; hips; acetabul*; femoral head; femoral neck; trochanter*; coxa*; coxarthrosis
    """),
    "SACROILIAC": phrases("sacroiliac; si joint*; sij"),
    "PELVIS": phrases("pelvi*; ilium; iliac; ischi*; pubic; sacrum; sacral; pubis"),
    "FEMUR": phrases("femur; femoral; thigh; quadriceps; hamstring*"),
    "TIBIA": phrases("tibia*; fibula*; calf; shin; lower leg; gastrocnemius"),
    "ANKLE": phrases("""
        ankle*; malleol*; talus; talar; talocrural; achilles; syndesmo*; talofibular
    """),
    "FOOT": phrases("""
        foot; feet; calcane*; metatars*; toe; toes; navicular; hallux; plantar; heel; cuboid; tarsal; lisfranc;
        cuneiform*
    """),
    "SHOULDER": phrases("""
        shoulder*; glenoid; glenohumeral; rotator; supraspinatus; infraspinatus; subscapularis; acromi*; labrum;
        humeral head; scapula*; subacromial; bankart; hill sachs
    """),
    "CLAVICLE": phrases("clavic*"),
    "HUMERUS": phrases("humer*; upper arm; biceps; triceps"),
    "ELBOW": phrases("elbow*; olecranon; radial head; epicondyl*; capitell*; coronoid"),
    "FOREARM": phrases("forearm*; ulna; ulnar; radius; radial"),
    "WRIST": phrases("wrist*; scaphoid; lunate; carpal; carpus; triquetr*; distal radius; tfcc"),
    "HAND": phrases("hand; hands; finger*; thumb*; metacarp*; phalan*"),
    "BREAST": phrases("breast*; mamma*; nipple*; areol*; o'clock"),
    "AXILLA": phrases("axill*"),
    "CHEST": phrases("""
        lung*; pulmon*; lobe; hemithora*; pleura*; pneumothora*; hil*; bronch*; rib; ribs; diaphragm*; hemidiaphragm*;
        costophrenic; lingula*; apex; apical; chest; basal; pectoral*
    """),
    "HEART": phrases("heart; ventricle*; ventricular; atri*; coronary; aort*; bundle"),
    "KIDNEY": phrases("kidney*; renal; ureter*; nephr*; pyelo*; hydronephrosis"),
    "LIVER": phrases("hepat*; liver; portal"),
    "ADRENAL": phrases("adrenal*"),
    "BRAIN": phrases("""
        hemispher*; frontal; parietal; temporal; occipital; thalam*; cerebr*; basal ganglia; insula*; internal
        capsule; mca; cerebell*; hippocamp*
    """),
    "ORBIT": phrases("orbit*; eye*; globe*; optic; ocular"),
    "EAR": phrases("ear; ears; mastoid*; cochlea*; petrous; ossic*"),
    "SINUS": phrases("sinus*; maxill*; ethmoid*; mandib*"),
    "CAROTID": phrases("carotid*; ica; cca; eca"),
    "VERTEBRAL": phrases("vertebral; vertebrals"),
    "THYROID": phrases("thyroid"),
    "NECK": phrases("jugular; parotid*; submandibular; cervical"),
    "OVARY": phrases("ovar*; adnex*; fallopian"),
    "TESTIS": phrases("testi*; epididym*; scrot*; spermatic"),
    "SPINE": phrases("foramen; foramina*; paravertebral; facet*; nerve root*; neuroforamin*"),
    "VESSEL": phrases("vein*; artery; arteries; subclavian; catheter*; port; picc; line; stent*"),
    "GROIN": phrases("inguinal; groin"),
    "BOWEL": phrases("""
        colon; colic; colonic; hemicolon; lower quadrant; upper quadrant; flank; iliac fossa
    """),
}

ENGLISH = Lexicon(
    sides={
        "R": phrases("right; rt; right sided; rightsided"),
        "L": phrases("left; lt; left sided; leftsided"),
    },
    both=phrases("both; bilateral*; each side; either side"),
    not_a_side=phrases("""
        right away; all right; right now; left the; left in; left handed; right handed; left handedness; left
        lateral decubitus; right lateral decubitus; left untreated; left behind; left open; was left; were
        left; has left; left hand dominant; right hand dominant; left anterior oblique; right anterior
        oblique; left posterior oblique; right posterior oblique; left to right shunt*; right to left shunt*;
        right of the image; left of the image; right side of the image; left side of the image; image right;
        image left; right marker; left marker; is left; left over; left before; left without; left after; left
        against; are left; be left; been left; being left; had left; have left; nothing left; little left;
        much left; none left; anything left; something left; enough left; patient left; she left; he left;
        they left; who left; left hospital
    """),
    comparing=phrases("""
        compar*; contralateral*; than; versus; vs; opposite; unlike; as on the; as in the; asymptomatic; uninjured;
        similar to; differ*; asymmetr*; symmetr*; other side; unaffected; in contrast to; analogous*; mirror*; not
        included; not imaged; not examined; reference; relative to; years ago; scheduled; in keeping with the side;
        incompletely imaged; partially imaged; partly imaged; incompletely included; partially included; partly
        included; incompletely seen; partially seen; partly seen; partially visualized; partially visualised;
        positioned; positioning; patient moved; patient turned; described before; described previously; described
        elsewhere; been described; treated elsewhere; edge of the image; edge of the field; edge of the scan
    """),
    before=phrases("""
        history of; previous*; prior; status post; s p; known; # years ago; # months ago; # weeks ago; # days ago;
        recommend*; after; following; separate*; will be; remote; old; include the; also of the; childhood; as a
        child; in the past
    """),
    operated=phrases("status post; s p; after; following"),
    today=phrases("""
        intact; graft*; implant*; component*; hardware; screw*; anchor*; plate; stem; cup; prosthes*;
        residual; remnant*; recur*; torn; retear; tear*; rerupture*; loosening; loose; seated; healed; united;
        union; nonunion; integrity
    """),
    again=phrases("recurrent; recurrence; retear; re tear; rerupture; with a new; with new"),
    regions=REGIONS,
    sex_organs={
        "F": phrases("""
        uterus; uterine; uteri; ovary; ovaries; ovarian; adnexa; adnexal; cervix; endometri*; myometri*; endocervi*;
        parametrial; cesarean; caesarean; hysterect*; hysterosc*; fibroid*; o rads; orads; figo; nabothian;
        bartholin*; pessary; postpartum; lactating; trophoblast*; corpus uteri; fundus uteri; vagina; vaginal;
        fallopian; pregnan*; gravid*; fetus; fetal; fetuses; menstrua*; menopaus*; postmenopausal; hysterectomy;
        hysterosalpingo*; vulva*; placenta*; gestation*; parametri*; iud; salpinx; hydrosalpinx; oophorectomy; tampon;
        corpus luteum; rectouterine; leiomyoma of the uterus; intrauterine
    """),
        "M": phrases("""
        prostat*; pi rads; pirads; bph; tur p; seminal colliculus; ejaculat*; vasectom*; testis; testes; testicle;
        testicles; testicular; scrotum; scrotal; epididym*; seminal vesicle*; penis; penile; spermatic; varicocele*;
        vas deferens; turp; corpora cavernosa; orchi*; rectoprostatic; cryptorchid*; rectovesical pouch
    """),
    },
    not_of_patient=phrases("""
        mother*; father*; sister*; brother*; family; maternal; paternal; aunt*; uncle*; daughter*; son; familial;
        husband*; wife; cousin*; grandmother*; grandfather*; brca*; partner*
    """),
    not_an_organ=phrases("""
        prostate specific; ocular adnexa*; orbital adnexa*; adnexal structures of the eye; in utero; fetal type; fetal
        origin; fetal posterior; fetal pca; fetal variant; fetal configuration; fetal lobulation*; persistent fetal;
        fallopian canal
    """),
    denials=phrases("""
        no; w o; neg for; not a; not an; not any; not see; not show; not demonstrate; not identify; not have; not
        contain; not reveal; fail to show; fails to show; failed to show; fail to demonstrate; fails to demonstrate;
        failed to demonstrate; resolution of; devoid of; void of; without; absence of; negative for; free of; denies;
        neither; nor; lack of; never; excludes; rules out; clear of; cannot be seen; none of; no longer; nothing to
        suggest; nothing suggestive; unlikely to be; lack; lacks; lacking; not find; not detect
    """),
    denied_after=phrases("""
        not seen; not identified; not visible; not detected; not present; not visualized; not visualised; not
        evident; is absent; are absent; absent; not demonstrated; ruled out; has resolved; have resolved;
        none; excluded; not found; no longer seen; no longer visible; not appreciated; not apparent; not
        shown; has cleared; not observed; negative; neg; not been seen; not been found; not been identified;
        not been detected; not been demonstrated; not be seen; not be found; not be identified; not be
        detected; not be demonstrated; not be visualized; not be visualised; not be appreciated; not be made
        out; not confirmed; : no; : none; : absent; : nil; not suggested
    """),
    denied_last=phrases("no evidence; no sign; no signs; no suspicion"),
    not_denials=phrases("""
        partial resolution of; incomplete resolution of; near complete resolution of; no change*; no new; no
        further; no additional; no other; no significant change*; no increase*; no interval; no larger; no
        growth; no significant growth; no significant interval; cannot be excluded; not ruled out; not
        excluded; not be excluded; cannot exclude; not significantly chang*; not changed; not larger; not
        increased; not grown; not enlarged; without change*; no second; no significant increase*; no
        decrease*; no relevant change*; not exclude*; no definite change*; no enlargement; not entirely
        excluded; no doubt; not only; no progression; without growth; without increase; no evidence of growth;
        no evidence of progression; no measurable change*; not appreciably chang*; no complication*; not
        completely resolved; not resolved; not fully resolved; not yet resolved; no appreciable change*;
        without significant change*; without interval; no comparison; no prior*; no previous*; no evidence of
        change*; no more; without progression; no invasion; no infiltration; no calcification*; no
        enhancement; without enhancement; no cavitation; without cavitation; no displacement; without
        displacement; no restriction; no mass effect; without mass effect; no obstruct*; without obstruct*; no
        perforation; without perforation; no tension; without tension; no signs of tension; no evidence of
        tension; no midline shift; without midline shift; no biopsy; no follow*; not biopsied; not amenable;
        not require*; not chang*; not need*; not suitable; not well seen; not fully seen; not completely seen;
        not optimally; not yet; not present in #; not seen in #; not there in #; not visible in #; not present
        before; not present previously; not present on the prior; not present on prior; not seen on the prior;
        not seen on prior; not visible on the prior; not visible on prior; not be ruled out; not be entirely
        excluded; not be completely excluded; not be fully excluded; not be safely excluded; not be reliably
        excluded; not free of; not without; not absent; not negative
    """),
    scope_ends=phrases("""
        but; however; except; apart from; other than; although; though; beyond; besides; aside from; which;
        there is; there are; with; shows; because; due to; related to; from; near; adjacent; next to; around;
        within; of the known; except for; in addition to; only; and a; and an; and one; , a; , an; , one;
        there; , small; , mild; , moderate; in spite of; despite; in the presence of; , large; , trace; ,
        tiny; , stable; , unchanged; , known; , minimal; , marked; , subtle
    """),
    turns=phrases("but; however; although; though"),
    definite=phrases("the; this; that; these; those; its"),
    earlier=phrases("""
        prior; previous; earlier; last; study; exam*; radiograph*; ct; mri; mr; scan; film*; outside; baseline;
        yesterday
    """),
    limits=phrases("""
        larger than; greater than; above; more than; bigger than; >; ≥; exceeding; over; at least; measuring more than
    """),
    limits_after=phrases("or more; or larger; or greater; and above; or above"),
    endings=("us", "is", "um", "es", "s", "al", "ary"),
    kinds=phrases("""
        saddle; tension; displaced; cavitat*; calcified; calcifying; staghorn; simple; complex; complicated; septated;
        loculated; organi*; obstructing; ureteral; ureteric; comminuted; pathologic; pathological; intraarticular;
        malignant; benign; ruptured; dissecting; thrombosed; strangulated; incarcerated; occlusive; chronic; subacute;
        old; healed; satellite; hemorrhagic; haemorrhagic; infected; full thickness; partial thickness; high grade;
        low grade
    """),
    exceptions=phrases("""
        besides; except; apart from; other than; aside from; with the exception; beyond; only the known
    """),
    old_headings=frozenset({"history", "comparison", "comparisons", "prior", "priors", "anamnesis", "pmh", "psh"}),
    same=(
        phrases("pneumothorax; ptx"),
        phrases("pulmonary embolism; pulmonary embolus; pulmonary arterial embolism; pe"),
        phrases("deep vein thrombosis; deep venous thrombosis; dvt"),
        phrases("fracture; fx"),
        phrases("kidney stone; renal stone; renal calculus; nephrolithiasis"),
        phrases("gallstone; cholelithiasis"),
        phrases("hemorrhage; haemorrhage; bleed; bleeding"),
        phrases("hematoma; haematoma"),
        phrases("edema; oedema"),
        phrases("lymphadenopathy; adenopathy; enlarged lymph node; enlarged node"),
        phrases("metastasis; mets"),
        phrases("stroke; infarct; infarction"),
        phrases("tumor; tumour"),
        phrases("aortic aneurysm; aaa"),
    ),
    proofs=frozenset(),
    free="free",
)
