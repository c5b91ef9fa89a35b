// A popup takes the focus, Escape closes it, and the focus goes back to what opened it: `opener` is what the panel says
// it is, or else what had the focus. `unfold` brings the panel back when the opener is in it, out of sight.
qpvMap.popups = function (map, unfold) {
  const container = map.getContainer();
  const popups = { opener: null };
  let from = container;
  map.on("popupopen", ({ popup }) => {
    const { activeElement } = document;
    from = popups.opener || (activeElement === document.body ? container : activeElement);
    popups.opener = null;
    if (qpvMap.isMeasuring) return;
    const box = popup.getElement();
    const content = box.querySelector(".leaflet-popup-content");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", content.querySelector("h2").textContent);
    box.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", qpvMap.labels.close);
    box.onkeydown = (event) => event.key === "Escape" && map.closePopup();
    content.tabIndex = 0;
    content.focus({ preventScroll: true });
  });
  map.on("popupclose", ({ popup }) => {
    const { activeElement } = document;
    if (activeElement !== document.body && !popup.getElement()?.contains(activeElement)) return;
    if (from.isConnected && !from.getClientRects().length) unfold();
    const target = from.isConnected ? from : container;
    target.focus({ preventScroll: container.contains(target) });
  });
  return popups;
};
