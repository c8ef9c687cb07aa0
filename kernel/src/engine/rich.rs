//! Lets the helper's `display` show types of well-known crates. The helper and these crates do not know each other, so a cell
//! that displays something contains the implementations itself.

use crate::crates::CrateLibrary;

/// Returns implementations of the helper's trait for types of well-known crates.
pub fn implementations(library: &CrateLibrary) -> String {
    let image = library
        .package("image")
        .filter(|image| image.version >= IMAGE_SINCE);
    let plotters = library
        .package("plotters")
        .filter(|plotters| plotters.has("evcxr"));
    let implementations = [image.map(|_| RICH_IMAGE), plotters.map(|_| RICH_PLOTTERS)];
    let implementations: String = implementations.into_iter().flatten().collect();
    match implementations.is_empty() {
        true => String::new(),
        false => format!("struct ThreadbookVia;\n{implementations}"),
    }
}

/// The first version of image in which a `DynamicImage` can hold pictures of all kinds.
const IMAGE_SINCE: (u64, u64) = (0, 24);

/// Shows an image as PNG; pixels that PNG does not support are rounded.
const RICH_IMAGE: &str = r#"
impl ::threadbook::display::Rich<ThreadbookVia> for ::image::DynamicImage {
    fn bundle(&self) -> ::threadbook::display::Bundle {
        fn encoded(image: &::image::DynamicImage) -> ::image::ImageResult<::std::vec::Vec<u8>> {
            let mut png = ::std::io::Cursor::new(::std::vec::Vec::new());
            image.write_to(&mut png, ::image::ImageFormat::Png)?;
            ::std::result::Result::Ok(png.into_inner())
        }
        let text = ::std::format!("<image, {} × {}>", self.width(), self.height());
        let bundle = ::threadbook::display::Bundle::new();
        match encoded(self).or_else(|_| encoded(&::image::DynamicImage::ImageRgba8(self.to_rgba8()))) {
            ::std::result::Result::Ok(png) => bundle.bytes("image/png", png).text("text/plain", text),
            ::std::result::Result::Err(error) => bundle.text("text/plain", ::std::format!("{text}: {error}")),
        }
    }
}
impl<P: ::image::Pixel> ::threadbook::display::Rich<ThreadbookVia> for ::image::ImageBuffer<P, ::std::vec::Vec<P::Subpixel>>
where
    ::image::DynamicImage: ::std::convert::From<Self>,
    Self: ::std::clone::Clone,
{
    fn bundle(&self) -> ::threadbook::display::Bundle {
        ::threadbook::display::Rich::bundle(&<::image::DynamicImage as ::std::convert::From<Self>>::from(::std::clone::Clone::clone(self)))
    }
}
"#;

/// A figure exposes its content by `Debug` alone.
const RICH_PLOTTERS: &str = r#"
impl ::threadbook::display::Rich<ThreadbookVia> for ::plotters::evcxr::SVGWrapper {
    fn bundle(&self) -> ::threadbook::display::Bundle {
        ::threadbook::display::Bundle::from_evcxr(&::std::format!("{self:?}"))
    }
}
"#;
