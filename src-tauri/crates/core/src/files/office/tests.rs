use super::*;
use std::io::Cursor;

fn read(parts: &[(&str, &[u8])]) -> Result<String, Wordless> {
    words(Cursor::new(packed(parts).unwrap()), 4 * 1024 * 1024)
}

#[test]
fn the_words_of_a_letter_are_lines_and_its_tables_have_tabs() {
    let xml = br#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>
        <w:p><w:pPr><w:tabs><w:tab w:pos="720"/></w:tabs></w:pPr><w:r><w:t>Dear &amp; near,</w:t></w:r><w:r><w:tab/>
        <w:t xml:space="preserve">you &#8212; all</w:t></w:r></w:p>
        <w:p><w:r><w:t>one</w:t><w:br/><w:t>two</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        <w:p><w:r><w:instrText>HIDDEN</w:instrText><w:delText>GONE</w:delText></w:r></w:p>
        <w:p><mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice><mc:Fallback><w:t>box</w:t></mc:Fallback>
        </mc:AlternateContent></w:p></w:body></w:document>"#;
    let notes = b"<w:footnotes><w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let text = read(&[
        ("[Content_Types].xml", b"<x/>"),
        ("word/document.xml", xml),
        ("word/footnotes.xml", notes),
    ]);
    assert_eq!(
        text.unwrap(),
        "Dear & near,\tyou \u{2014} all\none\ntwo\nA\tB\n\nbox\nA note.\n"
    );
}

#[test]
fn a_workbook_is_rows_with_tabs_sheet_by_sheet_as_the_person_sees_them() {
    let book = br#"<workbook xmlns:r="r"><workbookPr/><sheets><sheet name="Sales &amp; more" sheetId="2" r:id="b"/>
        <sheet name="Secret" sheetId="3" state="hidden" r:id="c"/><sheet name="Notes" sheetId="1" r:id="a"/></sheets></workbook>"#;
    let links = br#"<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/>
        <Relationship Id="b" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="c" Target="worksheets/sheet3.xml"/>
        </Relationships>"#;
    let shared = br#"<sst><si><t>Region</t></si><si><r><t>No</t></r><r><t>rth</t></r><rPh><t>KANA</t></rPh></si></sst>"#;
    let styles = br##"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy;@"/>
        <numFmt numFmtId="165" formatCode="#,##0.00 &quot;days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="166"/></cellXfs></styleSheet>"##;
    let sales = br#"<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Net &lt;</t></is></c></row>
        <row/><row><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"/><c r="C3"><f>A1*2</f><v>81.5</v></c><c r="E3" t="b"><v>1</v></c></row>
        <row><c r="A4" s="1"><v>46351</v></c><c r="B4" s="3"><v>46351.604166666664</v></c><c r="C4" s="2"><v>46351</v></c>
        <c r="D4" s="4"><v>1.5</v></c></row></sheetData></worksheet>"#;
    let one = br#"<worksheet><sheetData><row><c t="s"><v>99</v></c><c t="str"><v>x</v></c></row></sheetData></worksheet>"#;
    let text = read(&[
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", links),
        ("xl/worksheets/sheet1.xml", one),
        ("xl/worksheets/sheet2.xml", sales),
        ("xl/worksheets/sheet3.xml", sales),
        ("xl/styles.xml", styles),
        ("xl/sharedStrings.xml", shared),
    ]);
    assert_eq!(
        text.unwrap(),
        "Sheet: Sales & more\nRegion\tNet <\nNorth\t\t81.5\t\tTRUE\n2026-11-25\t2026-11-25 14:30\t46351\t1.5\n\n\
         Sheet: Notes\n\tx\n"
    );
}

#[test]
fn slides_and_open_documents_are_read_in_order() {
    let slide = |words: &str| {
        format!("<p:sld><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>").into_bytes()
    };
    let (first, second) = (slide("first"), slide("second"));
    let parts = |shown: &'static [u8], links: &'static [u8]| {
        read(&[
            ("ppt/presentation.xml", shown),
            ("ppt/_rels/presentation.xml.rels", links),
            ("ppt/slides/slide2.xml", &second),
            ("ppt/slides/slide1.xml", &first),
        ])
    };
    let numbered = parts(b"<x/>", b"<x/>");
    assert_eq!(numbered.unwrap(), "Slide 1\nfirst\n\nSlide 2\nsecond\n");
    let moved = parts(
        br#"<p:presentation><p:sldIdLst><p:sldId id="257" r:id="b"/><p:sldId id="256" r:id="a"/></p:sldIdLst></p:presentation>"#,
        br#"<Relationships><Relationship Id="a" Target="slides/slide1.xml"/><Relationship Id="b" Target="slides/slide2.xml"/></Relationships>"#,
    );
    assert_eq!(moved.unwrap(), "Slide 1\nsecond\n\nSlide 2\nfirst\n");

    let open = |body: &str| {
        read(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", body.as_bytes()),
        ])
    };
    let text = open(
        "<office:text><text:tracked-changes><text:p>GONE</text:p></text:tracked-changes><text:h>Title</text:h>
         <text:p>One<text:s text:c=\"2\"/><text:span>two</text:span>\n   three<text:tab/>four</text:p></office:text>",
    );
    assert_eq!(text.unwrap(), "Title\nOne  two three\tfour\n");
    let sheet = open(
        "<office:spreadsheet><table:table table:name=\"Budget\"><table:table-row>
         <table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell table:number-columns-repeated=\"2\"/>
         <table:table-cell table:number-columns-repeated=\"2\"><text:p>b</text:p></table:table-cell>
         <table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>
         <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell/></table:table-row>
         </table:table></office:spreadsheet>",
    );
    assert_eq!(sheet.unwrap(), "Sheet: Budget\na\t\t\tb\tb\n");
}

#[test]
fn bombs_of_every_make_end_within_bounds() {
    // A letter of gigabytes that packs to nothing.
    let mut huge = b"<w:document><w:body><w:p>".to_vec();
    huge.resize(80 * 1024 * 1024, b' ');
    assert_eq!(
        read(&[("word/document.xml", &huge)]),
        Err(Wordless::TooLarge)
    );
    drop(huge);
    let many = b"<w:p><w:t>word word word word</w:t></w:p>".repeat(300_000);
    assert_eq!(
        read(&[("word/document.xml", &many)]),
        Err(Wordless::TooLarge),
        "more than 4 MB of words"
    );
    // Entities that stand for each other, and one for what is not in the document.
    let laughs = br#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
        <w:document><w:p><w:t>x&b;y</w:t></w:p></w:document>"#;
    assert_eq!(read(&[("word/document.xml", laughs)]).unwrap(), "xy\n");
    let outside = br#"<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document><w:p><w:t>x&f;y</w:t></w:p></w:document>"#;
    assert_eq!(read(&[("word/document.xml", outside)]).unwrap(), "xy\n");
    let deep = b"<w:p>".repeat(1_000_000);
    assert_eq!(
        read(&[("word/document.xml", &deep)]),
        Err(Wordless::TooLarge)
    );
    // What is closed twice, or was never opened.
    let torn =
        "<x><tr><tc><t>\u{e4}</t><tc></tr></tr><t>\u{20ac}\u{20ac}</t></tc></tc></tc></tr></y>";
    assert!(read(&[("word/document.xml", torn.as_bytes())]).is_ok());
    // One cell that stands for very many, in very many rows.
    let wide = "<table:table-row table:number-rows-repeated=\"999999999\"><table:table-cell table:number-columns-repeated=\
                \"999999999\"><text:p>a long text that is said again and again</text:p></table:table-cell></table:table-row>";
    let wide = read(&[("mimetype", b""), ("content.xml", wide.as_bytes())]);
    assert_eq!(wide, Err(Wordless::TooLarge));
    assert_eq!(read(&[("a.txt", b"x")]), Err(Wordless::NoDocument));
    assert_eq!(
        words(Cursor::new(b"PK\x03\x04 torn"), 100),
        Err(Wordless::Broken)
    );
}

#[test]
fn an_archive_of_very_many_parts_or_very_long_names_is_refused_before_its_list_is_read() {
    let head = |name: usize| {
        let mut head = b"PK\x01\x02".to_vec();
        head.resize(46 + name, 0);
        head[28..30].copy_from_slice(&u16::try_from(name).unwrap().to_le_bytes());
        head
    };
    for (list, expected) in [
        (head(1).repeat(10_001), Wordless::TooLarge),
        (head(60_000).repeat(80), Wordless::TooLarge),
        // It is no archive, but small enough to be looked at.
        (head(1).repeat(9_000), Wordless::Broken),
    ] {
        assert_eq!(words(Cursor::new(list), 100), Err(expected));
    }
}
