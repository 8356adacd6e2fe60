//! What one verification costs, in instructions: run it under `valgrind --tool=callgrind` with two numbers of rounds and
//! divide the difference.
//!
//! `cargo run --release -p checkpoint --example cost -- native|hc1|shc|nzcp decode|verify ROUNDS`

#[path = "../tests/forge/mod.rs"]
mod forge;

use checkpoint::envelope::Envelope;
use forge::{bundle, entry, hcert, list, native, now};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scheme, stage, rounds] = arguments.as_slice() else {
        eprintln!("cost native|hc1|shc|nzcp decode|verify ROUNDS");
        std::process::exit(2);
    };
    let text = match scheme.as_str() {
        "native" => native().text(),
        "shc" => forge::shc::shc().text(),
        "nzcp" => forge::nzcp::nzcp().pass(),
        // As long as the codes that issuers hand out.
        _ => {
            let issuer = "Bo Y te - Cuc Y te du phong, so 135 Nui Truc, quan Ba Dinh, thanh pho Ha Noi, VN";
            let id = "URN:UVCI:01:VN:8A41F7CE03B94D7785E2BE13C6D4F02199ACB3E1#7K/2F3D6A0B95E44C1D87A63F0E2B1";
            let long = |dcc: &mut ciborium::Value| {
                let dose = &mut entry(dcc, "v").as_array_mut().expect("a group")[0];
                *entry(dose, "is") = issuer[..80].into();
                *entry(dose, "ci") = id[..80].into();
                let name = entry(dcc, "nam");
                *entry(name, "gn") = "Thị Ngọc Phương Quỳnh Anh Kiều Dung Xuân Trường".into();
                *entry(name, "gnt") = "THI<NGOC<PHUONG<QUYNH<ANH<KIEU<DUNG<XUAN<TRUONG".into();
                *entry(name, "fn") = "Công Tằng Tôn Nữ Huyền Trân Hoàng Phủ Đặng Nguyễn".into();
                *entry(name, "fnt") = "CONG<TANG<TON<NU<HUYEN<TRAN<HOANG<PHU<DANG<NGUYEN".into();
            };
            hcert().dcc(long).text()
        }
    };
    let list = list(&bundle());
    let mut proven = 0;
    for _ in 0..rounds.parse().expect("a number of rounds") {
        let envelope = Envelope::decode(std::hint::black_box(&text)).expect("sound");
        if stage == "verify" {
            proven += usize::from(list.verify(envelope, now()).is_ok());
        }
    }
    println!("{scheme} {stage}: {} characters, {proven} proven", text.len());
}
