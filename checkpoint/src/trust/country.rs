//! Codes of countries: the three letters of travel documents, and the two of certificates.

/// ISO 3166-1 as of 2024, each country's three letters (alpha-3) before its two (alpha-2), and what Doc 9303-3, section 5, adds:
/// the European Union, the United Nations, Kosovo, and Utopia, the country of specimens.
const CODES: &str = "\
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT \
    AZEAZ BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO \
    BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG \
    COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO \
    DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET EUEEU FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA \
    GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU \
    GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL \
    ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR \
    LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX \
    MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT \
    NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN \
    PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE RKSKS ROURO RUSRU \
    RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS \
    STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM \
    TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM UNOUN URYUY USAUS UTOUT UZBUZ \
    VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE ZAFZA ZMBZM ZWEZW";

/// Whether a text could be the code of an issuing country: capital letters, three of them, or Germany's `D`.
pub(crate) fn is_code(code: &str) -> bool {
    code == "D" || (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The two letters for a code of three; `D` is Germany in travel documents. `None` for codes that nobody assigned.
pub(crate) fn two_letters(code: &str) -> Option<&'static str> {
    let code = if code == "D" { "DEU" } else { code };
    (code.len() == 3).then(|| CODES.split(' ').find_map(|pair| pair.strip_prefix(code)))?
}

/// The three letters for a country's two.
pub fn three_letters(code: &str) -> Option<&'static str> {
    let pair = CODES.split(' ').find(|pair| pair.get(3..).is_some_and(|two| two == code))?;
    pair.get(..3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_whole() {
        for (three, two) in [
            ("AUS", Some("AU")),
            ("VNM", Some("VN")),
            ("D", Some("DE")),
            ("UTO", Some("UT")),
            ("ZZZ", None),
            ("AU", None),
            ("", None),
        ] {
            assert_eq!(two_letters(three), two, "{three}");
        }
        assert_eq!((three_letters("VN"), three_letters("AUS"), three_letters("")), (Some("VNM"), None, None));
        assert_eq!(CODES.split(' ').count(), 254);
        assert!(CODES.split(' ').all(|pair| pair.len() == 5 && pair.bytes().all(|byte| byte.is_ascii_uppercase())));
    }
}
