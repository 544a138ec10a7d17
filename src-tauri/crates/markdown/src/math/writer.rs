//! Writes a formula's events as MathML Core. Closed: every tag and attribute is spelled out here,
//! every character goes through `escape`, numbers are our own.

use crate::escape::Escape;
use pulldown_latex::event::{
    ArrayColumn, ColorTarget, ColumnAlignment, Content, DelimiterType, Dimension, DimensionUnit,
    EnvironmentFlow, Event, Font, Grouping, ScriptPosition, ScriptType, StateChange, Style, Visual,
};

/// Elements nested deeper stay LaTeX.
const DEEPEST: usize = 40;
/// A longer result stays LaTeX. In bytes.
const LONGEST: usize = 64 * 1024;

/// The inside of a `<math>`, if every event has an element.
pub(super) fn write(events: &[Event<'_>], display: bool) -> Option<String> {
    let mut writer = Writer {
        events,
        at: 0,
        depth: 0,
        out: String::new(),
    };
    let look = Look {
        font: None,
        display,
    };
    writer.siblings(look)?;
    (writer.at == events.len()).then_some(writer.out)
}

/// What groups hand down.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) font: Option<Font>,
    /// Whether limits go above and below.
    display: bool,
}

/// What decides about the space between two neighbours.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Ordinary,
    Function,
    Operator,
    Open,
    Close,
}

pub(super) struct Writer<'e> {
    events: &'e [Event<'e>],
    at: usize,
    depth: usize,
    pub(super) out: String,
}

impl Writer<'_> {
    /// Writes what follows, up to the end of the group or cell.
    fn siblings(&mut self, mut look: Look) -> Option<()> {
        let mut before = None;
        let mut styles = 0;
        while let Some(event) = self.events.get(self.at) {
            match event {
                Event::End | Event::EnvironmentFlow(_) => break,
                Event::StateChange(change) => {
                    self.at += 1;
                    match change {
                        StateChange::Font(font) => look.font = *font,
                        StateChange::Style(style) => {
                            look.display = *style == Style::Display;
                            self.out.push_str(mstyle(*style));
                            styles += 1;
                        }
                        // A formula wears the text's own colours.
                        StateChange::Color(_) => {}
                    }
                    continue;
                }
                _ => {}
            }
            let class = self.class(self.at);
            let function = class == Some(Class::Function);
            let apart = match before {
                Some(Class::Function) => function || class == Some(Class::Ordinary),
                Some(Class::Ordinary | Class::Close) => function,
                _ => false,
            };
            if apart {
                self.space(1.0 / 6.0);
            }
            let unary = matches!(before, None | Some(Class::Operator | Class::Open));
            self.element(look, unary)?;
            before = class.or(before);
        }
        for _ in 0..styles {
            self.out.push_str("</mstyle>");
        }
        Some(())
    }

    /// What the element that starts here is to its neighbours; nothing if it is a mere space.
    fn class(&self, at: usize) -> Option<Class> {
        Some(match self.events.get(at)? {
            Event::Script { .. } | Event::Visual(Visual::Negation) => return self.class(at + 1),
            Event::Content(content) => match content {
                Content::Function(_) => Class::Function,
                Content::LargeOp { .. }
                | Content::BinaryOp { .. }
                | Content::Relation { .. }
                | Content::Punctuation(_) => Class::Operator,
                Content::Delimiter { ty, .. } => match ty {
                    DelimiterType::Open => Class::Open,
                    DelimiterType::Fence => Class::Operator,
                    DelimiterType::Close => Class::Close,
                },
                Content::Text(_) | Content::Number(_) | Content::Ordinary { .. } => Class::Ordinary,
            },
            Event::Begin(_) | Event::Visual(_) => Class::Ordinary,
            _ => return None,
        })
    }

    /// Writes one element: what is a script, a numerator or a radicand.
    fn element(&mut self, look: Look, unary: bool) -> Option<()> {
        if self.depth >= DEEPEST || self.out.len() > LONGEST {
            return None;
        }
        self.depth += 1;
        let event = self.events.get(self.at)?;
        self.at += 1;
        match event {
            Event::Content(content) => self.content(content, look, unary, false),
            Event::Begin(grouping) => self.group(grouping, look)?,
            Event::Visual(visual) => self.visual(*visual, look)?,
            Event::Script { ty, position } => self.script(*ty, *position, look)?,
            Event::Space { width, .. } => self.space(width.map_or(0.0, em)),
            // Alone in the place of an element it changes nothing.
            Event::StateChange(_) => self.out.push_str("<mrow></mrow>"),
            Event::End | Event::EnvironmentFlow(_) => return None,
        }
        self.depth -= 1;
        Some(())
    }

    fn visual(&mut self, visual: Visual, look: Look) -> Option<()> {
        let inner = Look {
            display: false,
            ..look
        };
        match visual {
            Visual::SquareRoot => {
                self.out.push_str("<msqrt>");
                self.element(look, true)?;
                self.out.push_str("</msqrt>");
            }
            Visual::Root => {
                self.out.push_str("<mroot>");
                self.element(look, true)?;
                self.element(inner, true)?;
                self.out.push_str("</mroot>");
            }
            Visual::Fraction(line) => {
                match line {
                    Some(width) if width.value == 0.0 => {
                        self.out.push_str("<mfrac linethickness=\"0\">");
                    }
                    _ => self.out.push_str("<mfrac>"),
                }
                self.element(inner, true)?;
                self.element(inner, true)?;
                self.out.push_str("</mfrac>");
            }
            Visual::Negation => {
                let Some(Event::Content(content)) = self.events.get(self.at) else {
                    return None;
                };
                if matches!(
                    content,
                    Content::Text(_) | Content::Number(_) | Content::Function(_)
                ) {
                    return None;
                }
                self.at += 1;
                self.content(content, look, false, true);
            }
        }
        Some(())
    }

    fn script(&mut self, ty: ScriptType, position: ScriptPosition, look: Look) -> Option<()> {
        let above = match position {
            ScriptPosition::Right => false,
            ScriptPosition::AboveBelow => true,
            ScriptPosition::Movable => look.display,
        };
        let (start, end) = match (ty, above) {
            (ScriptType::Subscript, false) => ("<msub>", "</msub>"),
            (ScriptType::Superscript, false) => ("<msup>", "</msup>"),
            (ScriptType::SubSuperscript, false) => ("<msubsup>", "</msubsup>"),
            (ScriptType::Subscript, true) => ("<munder>", "</munder>"),
            (ScriptType::Superscript, true) => ("<mover>", "</mover>"),
            (ScriptType::SubSuperscript, true) => ("<munderover>", "</munderover>"),
        };
        let opened = self.out.len();
        self.out.push_str(start);
        let base = self.class(self.at);
        self.element(look, false)?;
        // A sign over or under a whole word of a formula belongs to it: a bar, a hat, an arrow.
        let accent = above && !matches!(base, Some(Class::Function | Class::Operator));
        match (self.events.get(self.at), ty) {
            (Some(Event::Content(Content::Ordinary { content, stretchy })), _)
                if accent && ty != ScriptType::SubSuperscript && !content.is_alphanumeric() =>
            {
                self.at += 1;
                let tag = if ty == ScriptType::Superscript {
                    "<mover accent=\"true\">"
                } else {
                    "<munder accentunder=\"true\">"
                };
                self.out.replace_range(opened..opened + start.len(), tag);
                self.out.push_str(&format!("<mo stretchy=\"{stretchy}\">"));
                self.characters(&content.to_string());
                self.out.push_str("</mo>");
            }
            _ => {
                let inner = Look {
                    display: false,
                    ..look
                };
                self.element(inner, true)?;
                if ty == ScriptType::SubSuperscript {
                    self.element(inner, true)?;
                }
            }
        }
        self.out.push_str(end);
        Some(())
    }

    fn group(&mut self, grouping: &Grouping, look: Look) -> Option<()> {
        let none: &[ArrayColumn] = &[];
        match grouping {
            Grouping::Normal => {
                let framed = self.events[self.at..].iter().take(2).any(|e| {
                    matches!(e, Event::StateChange(StateChange::Color(c)) if c.target == ColorTarget::Border)
                });
                let class = if framed { " class=\"boxed\"" } else { "" };
                self.out.push_str(&format!("<mrow{class}>"));
                self.siblings(look)?;
                self.out.push_str("</mrow>");
                return self.end();
            }
            Grouping::LeftRight(open, close) => {
                self.out.push_str("<mrow>");
                self.delimiter(*open, "prefix");
                self.siblings(look)?;
                self.delimiter(*close, "postfix");
                self.out.push_str("</mrow>");
                return self.end();
            }
            Grouping::Equation { .. } => {
                self.out.push_str("<mrow>");
                self.siblings(look)?;
                self.out.push_str("</mrow>");
                return self.end();
            }
            Grouping::Array(columns) => self.table("", columns, false)?,
            Grouping::Matrix { alignment } | Grouping::SubArray { alignment } => {
                self.table(aligned(*alignment), none, false)?;
            }
            Grouping::Cases { left } => {
                self.out.push_str("<mrow>");
                self.delimiter(left.then_some('{'), "prefix");
                self.table("left", none, false)?;
                self.delimiter((!left).then_some('}'), "postfix");
                self.out.push_str("</mrow>");
            }
            Grouping::Align { .. }
            | Grouping::Aligned
            | Grouping::Alignat { .. }
            | Grouping::Alignedat { .. }
            | Grouping::Split => self.table("pairs", none, true)?,
            Grouping::Gather { .. } | Grouping::Gathered | Grouping::Multline => {
                self.table("", none, true)?;
            }
        }
        Some(())
    }

    /// Takes the end of a group.
    fn end(&mut self) -> Option<()> {
        matches!(self.events.get(self.at)?, Event::End).then(|| self.at += 1)
    }

    /// Writes rows and cells up to the end of the environment.
    fn table(&mut self, class: &str, columns: &[ArrayColumn], display: bool) -> Option<()> {
        let look = Look {
            font: None,
            display,
        };
        self.out.push_str(&match class {
            "" => "<mtable>".to_owned(),
            class => format!("<mtable class=\"{class}\">"),
        });
        let mut ruled = false;
        if let Some(Event::EnvironmentFlow(EnvironmentFlow::StartLines { lines })) =
            self.events.get(self.at)
        {
            ruled = !lines.is_empty();
            self.at += 1;
        }
        let mut column = 0;
        self.row(ruled);
        self.cell(columns, column);
        loop {
            self.siblings(look)?;
            self.out.push_str("</mtd>");
            let event = self.events.get(self.at)?;
            self.at += 1;
            match event {
                Event::End => break,
                Event::EnvironmentFlow(EnvironmentFlow::Alignment) => {
                    column += 1;
                    self.cell(columns, column);
                }
                Event::EnvironmentFlow(EnvironmentFlow::NewLine {
                    horizontal_lines, ..
                }) => {
                    self.out.push_str("</mtr>");
                    // A line below the last row opens a row that holds nothing else.
                    column = 0;
                    self.row(!horizontal_lines.is_empty());
                    self.cell(columns, column);
                }
                _ => return None,
            }
        }
        self.out.push_str("</mtr></mtable>");
        Some(())
    }

    fn row(&mut self, ruled: bool) {
        self.out.push_str(if ruled {
            "<mtr class=\"rule\">"
        } else {
            "<mtr>"
        });
    }

    /// Starts the cell, aligned and ruled as the column is.
    fn cell(&mut self, columns: &[ArrayColumn], column: usize) {
        let is_column = |c: &&ArrayColumn| matches!(c, ArrayColumn::Column(_));
        let alignment = columns.iter().filter(is_column).nth(column);
        let place = columns
            .iter()
            .enumerate()
            .filter(|(_, c)| is_column(c))
            .nth(column)
            .map(|(at, _)| at);
        let line = |at: Option<usize>| {
            at.is_some_and(|at| matches!(columns.get(at), Some(ArrayColumn::Separator(_))))
        };
        let before = column == 0 && line(place.and_then(|at| at.checked_sub(1)));
        let after = line(place.map(|at| at + 1));
        let mut classes = Vec::new();
        if let Some(ArrayColumn::Column(alignment)) = alignment {
            classes.extend(Some(aligned(*alignment)).filter(|class| !class.is_empty()));
        }
        classes.extend(before.then_some("rule-before"));
        classes.extend(after.then_some("rule-after"));
        if classes.is_empty() {
            self.out.push_str("<mtd>");
        } else {
            self.out
                .push_str(&format!("<mtd class=\"{}\">", classes.join(" ")));
        }
    }

    fn delimiter(&mut self, delimiter: Option<char>, form: &str) {
        if let Some(c) = delimiter {
            self.out
                .push_str(&format!("<mo stretchy=\"true\" form=\"{form}\">"));
            self.characters(&c.to_string());
            self.out.push_str("</mo>");
        }
    }

    fn space(&mut self, em: f32) {
        // MathML Core has no negative space.
        let em = em.clamp(0.0, 10.0);
        self.out
            .push_str(&format!("<mspace width=\"{em:.3}em\"></mspace>"));
    }

    pub(super) fn characters(&mut self, text: &str) {
        Escape::default().code(text, &mut self.out);
    }
}

fn mstyle(style: Style) -> &'static str {
    match style {
        Style::Display => "<mstyle displaystyle=\"true\" scriptlevel=\"0\">",
        Style::Text => "<mstyle displaystyle=\"false\" scriptlevel=\"0\">",
        Style::Script => "<mstyle displaystyle=\"false\" scriptlevel=\"1\">",
        Style::ScriptScript => "<mstyle displaystyle=\"false\" scriptlevel=\"2\">",
    }
}

fn aligned(alignment: ColumnAlignment) -> &'static str {
    match alignment {
        ColumnAlignment::Left => "left",
        ColumnAlignment::Center => "",
        ColumnAlignment::Right => "right",
    }
}

/// A length in the size of the text; physical units as on paper, at ten points.
fn em(length: Dimension) -> f32 {
    let points = match length.unit {
        DimensionUnit::Em => 10.0,
        DimensionUnit::Mu => 10.0 / 18.0,
        DimensionUnit::Ex => 4.3,
        DimensionUnit::Pt | DimensionUnit::Bp | DimensionUnit::Dd => 1.0,
        DimensionUnit::Pc | DimensionUnit::Cc => 12.0,
        DimensionUnit::In => 72.0,
        DimensionUnit::Cm => 28.4,
        DimensionUnit::Mm => 2.84,
        DimensionUnit::Sp => 0.0,
    };
    let em = length.value * points / 10.0;
    if em.is_finite() { em } else { 0.0 }
}
