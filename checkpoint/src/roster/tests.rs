use super::*;

const HEADING: &str = "number,name,birth,class,picked_up,guardian1,guardian1_number,guardian1_birth,guardian1_phone,guardian1_relation,guardian2,guardian2_number\n";

fn parse(lines: &str) -> Roster {
    Roster::parse(format!("{HEADING}{lines}").as_bytes()).unwrap()
}

fn named(roster: &Roster) -> Vec<&str> {
    roster.members().iter().map(Member::name).collect()
}

fn damaged(roster: &Roster) -> Vec<(usize, &'static str)> {
    roster.damaged().iter().map(|damage| (damage.line, damage.what)).collect()
}

fn subject(name: &str, birth: &str, number: Option<&str>) -> Subject {
    let birth = PartialDate::parse(birth).unwrap();
    Subject::from(&Person { name: name.into(), name_transliterated: None, birth, number: number.map(Into::into) })
}

#[test]
fn a_file_is_read_as_a_spreadsheet_writes_it() {
    let plain = "001215000001,Nguyễn Văn An,2015-09-30,3A,x,Trần Thị Bình,001185000002,1985,0912 345 678,mẹ,,\n";
    let roster = parse(plain);
    let [an] = roster.members() else { panic!("one person") };
    assert_eq!((an.number(), an.class(), an.picked_up()), ("001215000001", "3A", Some(true)));
    assert_eq!(an.birth(), PartialDate::parse("2015-09-30").unwrap());
    let [binh] = an.guardians() else { panic!("one guardian") };
    assert_eq!((binh.name(), binh.phone(), binh.relation()), ("Trần Thị Bình", "0912 345 678", "mẹ"));

    let vietnamese = "\u{feff}Mã số;Họ và tên;Ngày sinh;Lớp;Đón;Người đón 1;Số người đón 1;Ghi chú\r\n\
                      hs-17;\"Nguyễn Văn An\";30/9/2015;3A;có;Trần Thị Bình;001185000002;\"; \"\"x\"\"\"\r\n\r\n";
    let roster = Roster::parse(vietnamese.as_bytes()).unwrap();
    assert_eq!((named(&roster), damaged(&roster)), (vec!["Nguyễn Văn An"], vec![]));
    let an = roster.by_code("HS-17\r").unwrap();
    assert!(an.picked_up() == Some(true) && an.guardians().len() == 1);
    assert_eq!(an.birth(), PartialDate::parse("2015-09-30").unwrap());
}

#[test]
fn a_damaged_line_is_named_by_its_number_and_the_others_are_read() {
    let roster = parse(
        "HS-1,Nguyễn Văn An,2015,3A\n\
         HS-2,\"Trần Thị Bình,2015,3A\n\
         HS-3,,2015,3A\n\
         ,Lê Văn Cường,,3A\n\
         HS-5,Phạm Thị Dung,2015-02-30,3A\n\
         1.09E+11,Đỗ Văn Em,2015,3A\n\
         HS-7,Ngô\u{202e}Văn,2015,3A\n\
         HS-8,Bùi Thị Giang,2015,3A,maybe\n\
         HS-9,Vũ Văn Hải,2015,3A\u{200b}\n\
         HS-10,Hồ Thị In,2015,3A,,Mẹ 1\n\
         HS-11,Dương Văn Kha,2015,3A,,,,,,,,,one too many\n\
         hs-12,Lý Thị Lan,2015,3A\n\
         HS-12,Mai Văn Minh,2015,3A\n\
         ,Đặng Thị Nga,2015-01-02,3A\n\
         HS-15,Tô Văn Phúc,2015,3A\n",
    );
    assert_eq!(named(&roster), ["Nguyễn Văn An", "Đặng Thị Nga", "Tô Văn Phúc"]);
    assert_eq!(
        damaged(&roster),
        [
            (3, "line"),
            (4, "name"),
            (5, "number"),
            (6, "birth"),
            (7, "number"),
            (8, "name"),
            (9, "picked_up"),
            (10, "class"),
            (11, "guardian"),
            (12, "line"),
            (13, "twice"),
            (14, "twice"),
        ]
    );
    assert!(roster.by_code("HS-12").is_none(), "nobody knows which of the two it is");
    let printed = format!("{roster:?} {:?}", roster.members()[0]);
    assert!(!printed.contains("Nguy") && !printed.contains("HS-1"), "{printed}");
}

#[test]
fn what_is_no_roster_is_refused_whole() {
    let refused = |bytes: &[u8]| Roster::parse(bytes).unwrap_err();
    assert_eq!(refused(b""), RosterFault::NoHeading);
    assert_eq!(refused(b"name,class\nAn,3A\n"), RosterFault::NoHeading);
    assert_eq!(refused(b"name,number,name\nAn,1,An\n"), RosterFault::NoHeading);
    assert_eq!(refused(b"name,number\n"), RosterFault::Nobody);
    assert_eq!(refused(b"PK\x03\x04name,number\n\0\0"), RosterFault::NotText);
    assert_eq!(refused(b"\xff\xfen\0a\0"), RosterFault::NotText);
    assert_eq!(refused("tên,mã\n".repeat(3).as_bytes()), RosterFault::NoHeading);
    assert_eq!(refused(&vec![b'a'; ROSTER_BYTES_MAX + 1]), RosterFault::TooLarge);
    let many = |rows: usize| format!("{HEADING}{}", "HS,An,2015,3A\n".repeat(rows));
    assert_eq!(refused(many(ROSTER_ROWS_MAX + 1).as_bytes()), RosterFault::TooMany);
    assert!(Roster::parse(many(ROSTER_ROWS_MAX).as_bytes()).unwrap().members().is_empty(), "one number for all");
}

#[test]
fn somebody_is_found_by_number_or_by_birth_date_and_name() {
    let roster = parse(
        "001215000001,Nguyễn Văn An,2015-09-30,3A\n\
         HS-2,Trần Thị Bình,2014-01-02,4B\n\
         HS-3,Lê Thị Hoa,2013-05-05,5C\n\
         HS-4,Lê Thị Hoa,2013-05-05,5D\n\
         HS-5,Phạm Văn Dũng,,GV\n",
    );
    let found = |subject: Subject| roster.find(&subject).map(Member::class);
    assert_eq!(found(subject("NGUYEN VAN AN", "2015-09-30", Some("001215000001"))), Some("3A"));
    assert_eq!(found(subject("Nguyễn Văn An", "2015", Some("******000001"))), Some("3A"), "a telephone hides the rest");
    assert_eq!(found(subject("Nguyễn Văn An", "2015-09-30", Some("001215000009"))), None, "another number");
    assert_eq!(found(subject("Trần Thị Bình", "2014-01-02", Some("001314000001"))), Some("4B"), "a code is no number");
    assert_eq!(found(subject("Trần Thị Bình", "2013-01-02", None)), None, "another year");
    assert_eq!(found(subject("Trần Thị Bính", "2014-01-02", None)), None, "another tone");
    assert_eq!(found(subject("Lê Thị Hoa", "2013-05-05", None)), None, "two are alike");
    assert_eq!(found(subject("Phạm Văn Dũng", "1980-01-01", None)), None, "a name alone is nobody");
    assert_eq!(roster.by_code("hs-5").map(Member::class), Some("GV"));
    assert!(roster.by_code("HS-6").is_none() && roster.by_code("").is_none() && roster.by_code("HS|5").is_none());
}

#[test]
fn a_guardian_is_found_by_number_year_of_birth_or_code() {
    let roster = parse(
        "HS-1,Nguyễn Văn An,2015-09-30,3A,x,Trần Thị Bình,001185000002,1985,,mẹ,Nguyễn Văn Ba,PH-17\n\
         HS-2,Lê Văn Cường,2015-01-01,3A,x,Trần Thị Bình,,,0912,dì,,\n",
    );
    let [an, cuong] = roster.members() else { panic!("two") };
    let found =
        |member: &Member, subject: Subject| member.guardian(&subject).map(|guardian| guardian.relation().to_owned());
    let binh = |birth, number| subject("Trần Thị Bình", birth, number);
    assert_eq!(found(an, binh("1985-07-05", Some("001185000002"))).as_deref(), Some("mẹ"));
    assert_eq!(found(an, binh("1985", Some("******000002"))).as_deref(), Some("mẹ"));
    assert_eq!(found(an, binh("1985-07-05", Some("001185000003"))), None);
    assert_eq!(found(an, subject("Đỗ Thị Bích", "1985-07-05", Some("001185000002"))), None, "a borrowed card");
    assert_eq!(found(cuong, binh("1985-07-05", Some("001185000002"))), None, "a name alone is nobody");
    assert_eq!(an.guardian_of_code("ph-17").map(Guardian::name), Some("Nguyễn Văn Ba"));
    assert!(an.guardian_of_code("HS-1").is_none() && cuong.guardian_of_code("").is_none());
}
