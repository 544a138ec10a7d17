// As the app does when its field can be typed in and has been painted.
requestAnimationFrame(() => setTimeout(() => performance.mark('composer')));
