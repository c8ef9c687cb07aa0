// Binding modes: by move, ref, ref mut, and default binding through references.

#[derive(Debug, Default)]
struct Config {
    name: Option<String>,
    sizes: (u32, Vec<u32>),
}

fn length(config: &Config) -> usize {
    // The bindings are references, as config is one.
    let Config { name, sizes } = config;
    name.as_ref().map_or(0, |n| n.len()) + sizes.1.len()
}

fn grow(config: &mut Config) {
    if let Some(name) = &mut config.name {
        name.push('!');
    }
    let (ref mut first, ref mut list) = config.sizes;
    *first += 1;
    list.push(*first);
}

fn describe(config: Config) -> String {
    match config {
        Config {
            name: Some(ref name),
            ..
        } if name.len() > 4 => format!("long {name}"),
        Config { sizes: (n, _), .. } => n.to_string(),
    }
}

fn sum(pairs: &[(i32, i32)]) -> i32 {
    pairs.iter().map(|&(a, b)| a * b).sum()
}

fn main() {
    let mut config = Config::default();
    println!("{}", length(&config));
    config.name = Some("abc".to_string());
    grow(&mut config);
    grow(&mut config);
    println!("{config:?} {}", length(&config));
    for size in &mut config.sizes.1 {
        *size *= 10;
    }
    println!("{:?}", config.sizes);
    println!("{}", describe(config));
    println!("{}", describe(Config::default()));
    println!("{}", sum(&[(1, 2), (3, 4)]));
    let mut pair = (String::from("left"), String::from("right"));
    match &mut pair {
        (left, right) => std::mem::swap(left, right),
    }
    println!("{pair:?}");
}
