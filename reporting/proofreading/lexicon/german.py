"""German as radiologists write it."""

from __future__ import annotations

from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.text import phrases

REGIONS = {
    "KNEE": phrases("""
        knie*; menisk*; innenmenisk*; aussenmenisk*; patell*; kreuzband*; retropatell*; kondyl*; femurkondyl*;
        tibiaplateau*; tibiakopf*; poplit*; baker*; trochlea*; hoffa*; innenband*; femoropatell*
    """),
    "HIP": phrases("""
        huft*; acetabul*; azetabul*; femurkopf*; huftkopf*; schenkelhals*; trochanter*; koxarthrose*; coxarthrose*
    """),
    "PELVIS": phrases("""
        becken*; iliaka*; schambein*; sitzbein*; sakrum*; leiste*; inguinal*
    """),
    "SACROILIAC": phrases("iliosakral*; isg; ileosakral*; sakroiliakal*"),
    "FEMUR": phrases("femur*; oberschenkel*; quadrizeps*"),
    "TIBIA": phrases("tibia*; fibula*; unterschenkel*; wade*; schienbein*; wadenbein*"),
    "ANKLE": phrases("""
        sprunggelenk*; osg; knochel*; malleol*; talus*; achilles*; syndesmo*; aussenknochel*; innenknochel*
    """),
    "FOOT": phrases("""
        fuss*; calcaneus*; kalkaneus*; fersen*; metatars*; zehe*; grosszeh*; mittelfuss*; vorfuss*; navikulare
    """),
    "SHOULDER": phrases("""
        schulter*; glenoid*; glenohumeral*; rotatoren*; supraspinatus*; infraspinatus*; subscapularis*; akromi*;
        acromi*; labrum*; humeruskopf*; skapula*; subakromial*; ac gelenk*
    """),
    "CLAVICLE": phrases("klavikul*; clavicul*; schlusselbein*"),
    "HUMERUS": phrases("humerus*; oberarm*; bizeps*; trizeps*"),
    "ELBOW": phrases("ellenbogen*; olekranon*; radiuskopf*; epikondyl*"),
    "FOREARM": phrases("unterarm*; ulna*; radius*"),
    "WRIST": phrases("handgelenk*; skaphoid*; kahnbein*; lunatum*; karpal*; handwurzel*"),
    "HAND": phrases("""
        hand; hande; finger*; daumen*; mittelhand*; metakarp*; phalan*; zeigefinger*
    """),
    "BREAST": phrases("brust; bruste; mamma*; mammae; brustdruse*; mamille*"),
    "AXILLA": phrases("axill*; achsel*"),
    "CHEST": phrases("""
        lunge*; pulmon*; lappen; oberlappen*; unterlappen*; mittellappen*; hemithorax; pleura*; pneumothora*; hilus*;
        bronch*; rippe*; zwerchfell*; lingula*; spitze*; apikal*; thorax*; basal*; pektoral*; pectoral*
    """),
    "HEART": phrases("herz*; ventrikel*; vorhof*; koronar*; aort*"),
    "KIDNEY": phrases("niere*; renal*; ureter*; harnleiter*; nierenbecken*; harnstau*"),
    "LIVER": phrases("leber*; hepat*; pfortader*"),
    "ADRENAL": phrases("nebenniere*"),
    "BRAIN": phrases("""
        hemispharen*; hemisphare*; frontal*; parietal*; temporal*; okzipital*; thalam*; kleinhirn*; stammganglien*;
        insel*; media; mediastromgebiet*; hippokamp*
    """),
    "ORBIT": phrases("orbita*; auge; augen; augapfel*; sehnerv*"),
    "EAR": phrases("ohr; ohren; mastoid*; felsenbein*; cochlea*; mittelohr*"),
    "SINUS": phrases("kieferhohle*; nasennebenhohle*; stirnhohle*; unterkiefer*"),
    "CAROTID": phrases("karotis*; carotis*; aci; acc; ace"),
    "VERTEBRAL": phrases("vertebralis*; vertebralarterie*"),
    "THYROID": phrases("schilddruse*"),
    "NECK": phrases("jugularis*; parotis*; submandibul*; zervikal*"),
    "OVARY": phrases("ovar*; adnex*; eierstock*"),
    "TESTIS": phrases("hoden*; nebenhoden*; skrot*"),
    "SPINE": phrases("neuroforam*; foramen; facette*; nervenwurzel*; paravertebral*"),
    "VESSEL": phrases("""
        vena; vene*; arterie*; arteria; subclavia; katheter*; port; portkatheter*; zvk; stent*
    """),
    "BOWEL": phrases("""
        kolon*; colon*; hemikolon*; flexur*; unterbauch*; oberbauch*; mittelbauch*; flanke*
    """),
}

GERMAN = Lexicon(
    sides={
        "R": phrases("rechts; rechte; rechten; rechter; rechtes; rechtem; rechtsseitig*; re"),
        "L": phrases("links; linke; linken; linker; linkes; linkem; linksseitig*; li"),
    },
    both=phrases("beide*; bds; beidseit*; beidseits; bilateral*; jederseits"),
    not_a_side=phrases("""
        rechts im bild; links im bild; im bild rechts; im bild links; bild rechts; bild links; rechter bildrand;
        linker bildrand; rechten bildrand; linken bildrand; links rechts shunt*; rechts links shunt*; rechte hand
        dominant*; linke seitenlage; linker seitenlage; rechter seitenlage; linksseitenlage; nach rechts verlagert*
    """),
    comparing=phrases("""
        vergleich*; gegenseite*; kontralateral*; im gegensatz; anders; asymptomatisch*; gesunde*; symmetr*;
        seitengleich*; seitendifferen*; asymmetr*; seitenvergleich*; nicht abgebildet; nicht erfasst; nicht
        untersucht; gegenuber rechts; gegenuber links; gegenuber der; geplant*; gesondert*; analog*; als rechts; als
        links; wie rechts; wie links; verglich*; als am; als an; als auf; als im; als in; referenz*; gegenuber;
        gegenseit*; andere seite; anderen seite; anderer seite; miterfasst*; mitabgebildet*; mit erfasst; mit
        abgebildet; angeschnitten*; teilweise erfasst; teilerfasst; bildrand; randstandig*; lagerung; gelagert*;
        drehte sich; dreht sich; bewegte sich; vorbeschrieben*; auswarts; randlich
    """),
    before=phrases("""
        z n; zustand nach; anamnest*; fruher*; voraufnahme*; vorbekannt*; bekannt*; empfehl*; alte; alter;
        kindheit; vor # jahr*; vor # monat*; vor # woche*; vor # tag*; vor jahren; fruher; vorangegangen*;
        stattgehabt*; voroperiert*
    """),
    operated=phrases("z n; zustand nach"),
    today=phrases("""
        intakt*; transplantat*; implantat*; komponente*; osteosynthesematerial*; material*; schraube*; anker; platte;
        schaft; pfanne; prothese*; rest*; rezidiv*; gerissen*; reruptur*; riss*; locker*; sitz; verheilt; durchbaut;
        konsolidiert*; pseudarthrose*; regelrecht*
    """),
    again=phrases("erneut*; rezidiv*; reruptur*"),
    regions=REGIONS,
    sex_organs={
        "F": phrases("""
        uterus*; uterin*; gebarmutter*; ovar*; eierstock*; adnex*; zervix*; cervix*; portio; endometri*; myometri*;
        vagina; vaginal; vaginale*; scheide*; eileiter*; tube; tuben; schwanger*; fruhschwanger*; fruhgraviditat*;
        graviditat*; fetus; fetal*; feten; plazenta*; hysterektomie*; postmenopaus*; menopaus*; vulva*; parametri*;
        spirale; iup; o rads; orads; figo; myom; myome; myomen; myomatos*; sectio; kaiserschnitt*; pessar*;
        wochenbett*; mutterkuchen*; stillend*; intrauterin*; douglas*; eierstocke; gravid*
    """),
        "M": phrases("""
        prostat*; pi rads; pirads; tur p; turp; bph; samenkanal*; samenhugel; vasektomie*; hoden*; nebenhoden*;
        skrot*; scrot*; samenblase*; samenleiter*; samenstrang*; penis*; varikozele*; varicocele*; schwellkorper*;
        orchi*; orchiektomie*; vorsteherdruse*; leistenhoden*; gleithoden*; pendelhoden*; bauchhoden*
    """),
    },
    not_of_patient=phrases("""
        mutter; vater*; schwester*; bruder*; familie*; familiar*; mutterlicherseits; vaterlicherseits; tante*; onkel*;
        grossmutter*; grossvater*; tochter; sohn; ehemann*; ehefrau*; ihr mann; ihrem
        mann; ihres mannes; seine frau; seiner frau; partner*; brca*
    """),
    not_an_organ=phrases("""
        prostataspezifisch*; in utero; tube auditiva; tuba auditiva; fetaler abgang*; fetale variante; fetaler typ*;
        orbitaadnex*; scheidewand*; sehnenscheide*; hodenhochstand in der familie; intrauteriner entwicklung;
        endotracheal*; fetaler ursprung*; fetale lappung*; tuben der; fetale versorgung*; fetal angelegt*
    """),
    denials=phrases("""
        kein; keine; keinen; keiner; keines; keinem; keinerlei; ohne; frei von; ausschluss; weder; negativ fur; neg
        fur; negativ bzgl; negativ bezuglich
    """),
    denied_after=phrases("""
        nicht nachweisbar; nicht abgrenzbar; nicht erkennbar; nicht vorhanden; nicht sichtbar; ausgeschlossen;
        nicht nachzuweisen; nicht zu erkennen; fehlt; fehlen; nicht gesehen; nicht mehr nachweisbar; nicht
        dargestellt; nicht nachweis*; nicht abgrenz*; nicht erkenn*; nicht darstell*; nicht zeig*; nicht mehr
        abgrenzbar; nicht mehr sichtbar; vollstandig ruckgebildet; nicht darstellbar; nicht zu sehen; negativ;
        neg; kommt nicht zur darstellung; kommen nicht zur darstellung; nicht zur darstellung; liegt nicht
        vor; liegen nicht vor; besteht nicht; bestehen nicht; findet sich nicht; finden sich nicht; zeigt sich
        nicht; zeigen sich nicht; finden sich weder; findet sich weder; besteht weder; bestehen weder; nicht
        gefunden; nicht mehr erkenn*; nicht mehr darst*; nicht mehr vorhanden; nicht mehr zu; : nein; : keine;
        : kein; : keiner; : keines; : keinen; erkenn* ich nicht; seh* ich nicht; find* ich nicht; erkennt man
        nicht; sieht man nicht; findet man nicht; nicht festzustellen; nicht festgestellt
    """),
    denied_last=phrases("""
        kein anhalt; kein hinweis; kein nachweis; kein verdacht; keine hinweise; keine anhaltspunkte; keine zeichen;
        keine; keiner; keines
    """),
    not_denials=phrases("""
        keine neu*; kein neu*; keinen neu*; keine weiter*; kein weiter*; keinen weiter*; keine ander*; kein
        ander*; keinen ander*; keine anderung*; keine grossen*; kein grossen*; kein wachstum; ohne grossen*;
        nicht ausgeschlossen; nicht auszuschliessen; nicht sicher auszuschliessen; nicht sicher
        ausgeschlossen; keine progred*; kein progress*; keine zunahme; nicht grosser; nicht
        grossenprogredient*; keine zusatzlich*; kein zusatzlich*; keinen zusatzlich*; keine wesentliche
        anderung*; keine relevante anderung*; ohne zunahme; ohne anderung*; nicht verandert; nicht wesentlich
        verandert; nicht zugenommen; keine zweite; kein zweiter; nicht vollstandig ruckgebildet; nicht
        vollstandig; ohne progred*; ohne wachstum; keine signifikante anderung*; keine signifikante grossen*;
        keine wesentliche grossen*; nicht gewachsen; kein zweifel*; keine infiltration*; ohne infiltration*;
        keine verkalk*; ohne verkalk*; ohne dislokation*; keine dislokation*; kein spannung*; ohne spannung*;
        ohne nachweis einer infiltration*; keine kontrastmittel*; ohne kontrastmittel*; kein perifokal*; ohne
        perifokal*; keine einschmelz*; ohne einschmelz*; keine mittellinien*; ohne mittellinien*; keine
        raumforder* wirkung; nicht mit sicherheit auszuschliessen; ohne wesentliche anderung*; keine punkt*;
        nicht punkt*; nicht biops*; nicht nur; keine voraufnahme*; keine vorunter*; ohne obstruk*; keine
        obstruk*; ohne perforation*; keine perforation*; nicht wesentlich; nicht abschliessend; nicht
        eindeutig; nicht frei von; nicht ohne; noch nicht
    """),
    scope_ends=phrases("""
        aber; jedoch; trotz; ausser; abgesehen; bis auf; obwohl; wobei; neben; bei bekannt*; mit; zeigt;
        zeigen; wegen; bei; angrenzend; innerhalb; nur; lediglich; um; nahe; im bereich des bekannten; und
        ein*; , ein*; , einzeln*; , gering*; , klein*; , deutlich*; , diskret*; , mittelgrad*; , ausgepragt*;
        , winzig*; , bekannt*; , unverandert*; , massig*; , minimal*
    """),
    turns=phrases("aber; jedoch; obwohl; sondern"),
    definite=phrases("des; der; dem; den; dieser; dieses; diesem"),
    earlier=phrases("""
        voraufnahme*; voruntersuchung*; vu; vor; letzten; vorbefund*; ct; mrt; aufnahme*; fremdaufnahme*; externen
    """),
    limits=phrases("grosser als; uber; >; ≥; mehr als; oberhalb; ab; von mehr als"),
    limits_after=phrases("""
        oder mehr; und mehr; oder grosser; und daruber; oder daruber; oder grossere
    """),
    endings=("en", "er", "es", "em", "e", "n", "s"),
    kinds=phrases("""
        disloziert*; verkalkt*; einschmelzend*; zystisch*; septiert*; gekammert*; organisiert*; obstruierend*;
        komplex*; kompliziert*; maligne*; benigne*; rupturiert*; dissezierend*; thrombosiert*; inkarzeriert*;
        chronisch*; subakut*; alte; alten; eingeblutet*; hochgradig*
    """),
    exceptions=phrases("ausser; abgesehen; bis auf d*; bis auf ein*; neben dem; neben der; mit ausnahme; ausgenommen"),
    old_headings=frozenset(
        {"anamnese", "vorgeschichte", "vergleich", "vu", "voraufnahmen", "voruntersuchung", "vorbefund"}
    ),
    same=(
        phrases("pneumothorax; pneu; ptx"),
        phrases("lungenembolie; lungenarterienembolie; lae; le"),
        phrases("beinvenenthrombose; tiefe venenthrombose; tvt"),
        phrases("fraktur; fx"),
        phrases("nierenstein; nierenkonkrement; nephrolithiasis"),
        phrases("gallenstein; gallenblasenkonkrement; cholezystolithiasis; cholelithiasis"),
        phrases("harnstau; harnstauung; hydronephrose; harnaufstau"),
        phrases("blutung; hamorrhagie; einblutung"),
        phrases("infiltrat; konsolidierung; konsolidation"),
        phrases("lymphadenopathie; vergrosserte lymphknoten; vergrosserte lk; lymphknotenvergrosserung"),
        phrases("metastase; filia; filiae"),
        phrases("riss; ruptur"),
        phrases("perikarderguss; herzbeutelerguss"),
        phrases("aortenaneurysma; bauchaortenaneurysma; baa"),
    ),
    proofs=frozenset({"nachweis", "nachweise", "zeichen", "hinweis", "hinweise", "verdacht", "anhalt"}),
    free="frei",
)
