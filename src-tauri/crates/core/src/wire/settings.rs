//! What the person chose.

use super::Routing;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "wire.ts")]
pub struct Settings {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// The model of a new conversation; none until one was chosen.
    pub model: Option<String>,
    /// The model that gives a new conversation its title, at the person's cost; none makes titles here.
    pub title_model: Option<String>,
    /// The ids of the models that the person likes best; at most 200.
    pub favourites: Vec<String>,
    /// What is asked of providers in every conversation that does not ask for something else.
    pub routing: Routing,
    /// The sidebar is shown.
    pub sidebar: bool,
    /// After how many minutes without the person the key is locked, at most a day; zero for never.
    pub lock_after_min: u32,
    /// The way back of a sign-in's answer.
    pub way_back: WayBack,
    /// The size of all text, in percent: 80 to 200.
    pub text_size: u16,
    /// Whether the app has an icon in the tray, and stays there when its window is closed.
    pub tray: Tray,
    /// Tells of a long answer that ended while nobody looked.
    pub notify: bool,
    /// Opens quick ask by a shortcut of the whole system.
    pub quick_key: bool,
    /// Looks for a new version at each start, where this app updates itself.
    pub updates: bool,
    /// An `http://` or `https://` proxy in place of the system's.
    pub proxy: Option<String>,
    /// Certificates, as PEM, of authorities that count beside the system's.
    pub authorities: Option<String>,
}

impl Settings {
    /// The percentages between which text can be sized.
    pub const TEXT_SIZES: std::ops::RangeInclusive<u16> = 80..=200;

    /// Settings as they were stored, by any version and in any state: what is unknown or broken in them costs its own
    /// choice and no other.
    #[must_use]
    pub fn read(stored: &Value) -> Self {
        let mut settings = Self::default();
        for (name, value) in stored.as_object().into_iter().flatten() {
            let Ok(Value::Object(mut whole)) = serde_json::to_value(&settings) else {
                break;
            };
            // A name that is not known is left out: it would be written back for ever.
            if let Some(place) = whole.get_mut(name) {
                *place = value.clone();
                settings = serde_json::from_value(whole.into()).unwrap_or(settings);
            }
        }
        settings.in_bounds()
    }

    /// The same with every number where it can be.
    #[must_use]
    pub fn in_bounds(mut self) -> Self {
        let (least, most) = (*Self::TEXT_SIZES.start(), *Self::TEXT_SIZES.end());
        self.text_size = self.text_size.clamp(least, most);
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            model: None,
            title_model: None,
            favourites: Vec::new(),
            routing: Routing::default(),
            sidebar: true,
            lock_after_min: 0,
            way_back: WayBack::Automatic,
            text_size: 100,
            tray: Tray::Icon,
            notify: true,
            quick_key: true,
            updates: false,
            proxy: None,
            authorities: None,
        }
    }
}

/// Which way back of a sign-in's answer the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum WayBack {
    /// The first that works: `localhost:3000`, a free port, a link of the app.
    Automatic,
    /// `localhost:3000` alone.
    Localhost,
    /// A free port on `127.0.0.1` alone.
    FreePort,
    /// A `causeway://` link alone.
    AppLink,
    /// None: OpenRouter's page shows a code, the person pastes it.
    Paste,
}

/// The window's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Theme {
    /// As the system says.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What the tray is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Tray {
    /// Nothing.
    Off,
    /// An icon while the app runs; closing the window ends the app.
    Icon,
    /// Closing the window leaves the app running behind its icon.
    Stay,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_never_stored_is_the_default() {
        let settings = Settings::read(&Value::Null);
        assert_eq!(settings, Settings::default());
        assert_eq!(
            serde_json::to_value(settings).unwrap(),
            json!({
                "theme": "system", "model": null, "titleModel": null, "favourites": [],
                "routing": Routing::default(), "sidebar": true, "lockAfterMin": 0,
                "wayBack": "automatic", "textSize": 100, "tray": "icon", "notify": true, "quickKey": true,
                "updates": false, "proxy": null, "authorities": null,
            })
        );
    }

    #[test]
    fn a_broken_or_unknown_value_costs_no_other_choice() {
        let stored = json!({
            "theme": "dark", "model": {"no": "text"}, "sidebar": "perhaps", "lockAfterMin": -4, "textSize": 65_000,
            "tray": "basement", "notify": null, "wayBack": "paste", "proxy": 7, "fromTheFuture": [1, 2],
        });
        let wanted = Settings {
            theme: Theme::Dark,
            way_back: WayBack::Paste,
            text_size: 200,
            ..Settings::default()
        };
        assert_eq!(Settings::read(&stored), wanted);
        for broken in [json!(null), json!([]), json!("x"), json!(7), json!({})] {
            assert_eq!(Settings::read(&broken), Settings::default(), "{broken}");
        }
    }

    #[test]
    fn what_is_stored_comes_back() {
        let chosen = Settings {
            text_size: 125,
            tray: Tray::Stay,
            proxy: Some("http://proxy.example:8080".into()),
            ..Settings::default()
        };
        assert_eq!(
            Settings::read(&serde_json::to_value(&chosen).unwrap()),
            chosen
        );
    }
}
