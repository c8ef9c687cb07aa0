// Conditional compilation with cfg, cfg! and cfg_attr.

#[cfg(any(unix, windows))]
fn family() -> &'static str {
    "known family"
}

#[cfg(not(any(unix, windows)))]
fn family() -> &'static str {
    "another family"
}

#[cfg(all(test, not(test)))]
fn never() {
    this_is_not_compiled();
}

#[cfg_attr(all(), derive(Debug, Clone))]
#[cfg_attr(any(), derive(NoSuchTrait))]
struct Flags {
    #[cfg(all())]
    on: bool,
    #[cfg(any())]
    off: NoSuchType,
}

fn width() -> u32 {
    if cfg!(target_pointer_width = "16") {
        16
    } else {
        32
    }
}

fn main() {
    println!("{}", family());
    println!("at least {} bits", width());
    let flags = Flags { on: true };
    println!("{:?}", flags.clone());
    println!("{}", flags.on);
    #[cfg(any())]
    println!("left out");
    #[cfg(all())]
    println!("kept");
    let list = [
        1,
        #[cfg(any())]
        2,
        3,
    ];
    println!("{list:?}");
    let kind = match list.len() {
        #[cfg(any())]
        2 => "never",
        2 => "two",
        _ => "other",
    };
    println!("{kind} {}", cfg!(any()));
}
