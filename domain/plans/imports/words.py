"""The words documents use: for columns, channels, pricing models, and for rows that are totals.

English, German, French and Spanish. A word that is not here is compared with these (`Nearest`).
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping

from domain.channels import Channel, PricingModel
from domain.fees import FeeKind
from domain.plans.imports.proposal import ImportField

Nearest = Callable[[str, Collection[str]], tuple[str, float] | None]
"""The known word that resembles a word most, and how much, from 0 to 1."""


def plain(text: str) -> str:
    """Lower case without accents, everything but letters and digits one blank."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare))


def _known(words: Mapping[ImportField, str]) -> dict[str, ImportField]:
    return {plain(word): field for field, line in words.items() for word in line.split(",")}


_F = ImportField
HEADERS = _known(
    {
        _F.CODE: "id, line id, line item id, placement id, code, line code, ref, reference",
        _F.CHANNEL: "channel, media channel, medium, media, media type, kanal, mediengattung, mediakanal, canal, "
        "canal media, tactic, channel type, medios",
        _F.VEHICLE: "vehicle, publisher, partner, vendor, media vendor, supplier, site, platform, property, station, "
        "network, media owner, media partner, vehicle partner, werbetrager, anbieter, vermarkter, plattform, support, "
        "editeur, regie, medio, soporte, proveedor",
        _F.FORMAT: "format, ad format, adformat, ad type, ad unit, creative, creative format, werbeform, werbeformat, "
        "formato, size",
        _F.MARKET: "market, country, region, geo, geography, geo targeting, location, location name, territory, markt, "
        "land, gebiet, pays, marche, mercado, pais",
        _F.AUDIENCE: "audience, target, target audience, targeting, target group, segment, demo, demographic, "
        "zielgruppe, cible, publico, publico objetivo",
        _F.NAME: "name, line, line item, line name, line item name, placement, placement name, description, title, "
        "bezeichnung, belegung, ligne, libelle, emplacement, descripcion, linea",
        _F.NOTES: "notes, note, comment, comments, remark, remarks, bemerkung, bemerkungen, anmerkung, anmerkungen, "
        "kommentar, remarque, remarques, commentaire, commentaires, notas, observaciones",
        _F.PRICING_MODEL: "pricing model, bought by, pricing, buy type, buying type, buying model, buy model, "
        "cost model, "
        "cost method, rate type, unit type, cost type, preismodell, abrechnung, abrechnungsmodell, abrechnungsart, "
        "modele d achat, mode d achat, modelo de compra",
        _F.RATE: "rate, unit price, unit cost, unit rate, price, net rate, cost per unit, cpm, cpc, cpa, cpv, cpcv, "
        "cpp, vcpm, tkp, ecpm, preis, einzelpreis, stuckpreis, prix unitaire, tarif, precio, tarifa, net cpm, "
        "bid, cost per click, cost per mille, cost per thousand",
        _F.QUANTITY: "quantity, qty, units, volume, impressions, imps, impressions planned, planned impressions, "
        "est impressions, estimated impressions, clicks, views, completed views, grps, grp, spots, menge, anzahl, "
        "einheiten, ad impressions, ais, quantite, volumes, impresiones, cantidad, impressions total",
        _F.COST: "cost, budget, spend, investment, amount, total, total cost, total budget, total spend, total amount, "
        "media spend, planned spend, planned budget, cost total, line total, kosten, gesamtkosten, betrag, "
        "gesamtbudget, mediabudget, summe, cout, cout total, montant, budget total, coste, importe, inversion, "
        "presupuesto, total inversion",
        _F.CLIENT_COST: "client cost, total client cost, client net, cost incl fees, total cost incl fees, "
        "all in cost, total incl fees, billable, billable cost, invoiced, kundenkosten, kosten inkl gebuhren, "
        "cout client, "
        "coste cliente",
        _F.NET_MEDIA: "net, net cost, net media, net media cost, net budget, net spend, media cost, media net, "
        "net net, working media, net total, netto, netto kosten, nettokosten, mediakosten, media netto, "
        "mediakosten netto, "
        "nettobudget, nn, cout net, net ht, budget net, neto, coste neto",
        _F.GROSS: "gross, gross cost, gross media, gross budget, gross spend, rate card, rate card cost, gross total, "
        "brutto, bruttokosten, bruttobudget, media brutto, cout brut, brut, budget brut, bruto, coste bruto",
        _F.FEES: "fee, fees, agency fee, agency fees, total fees, service fee, commission, agency commission, "
        "ad serving, ad serving fee, adserving, ad serving cost, tech fee, dsp fee, platform fee, data fee, data cost, "
        "verification, verification fee, production, production cost, management fee, honorar, gebuhr, gebuhren, "
        "agenturhonorar, provision, frais, honoraires, comision, honorarios",
        _F.CURRENCY: "currency, ccy, curr, wahrung, devise, monnaie, moneda, divisa",
        _F.EXCHANGE_RATE: "exchange rate, fx, fx rate, rate of exchange, wechselkurs, umrechnungskurs, taux de change, "
        "tipo de cambio",
        _F.START: "start, start date, starts, from, begin, begins, flight start, live date, start day, startdatum, "
        "beginn, von, start datum, debut, date de debut, date debut, inicio, fecha inicio, fecha de inicio",
        _F.END: "end, end date, ends, to, until, flight end, end day, enddatum, ende, bis, end datum, fin, "
        "date de fin, date fin, fecha fin, fecha de fin",
    }
)

PRICING_IN_HEADER: Mapping[str, PricingModel] = {
    **dict.fromkeys(("cpm", "tkp", "ecpm", "net cpm", "cost per mille", "cost per thousand"), PricingModel.CPM),
    **dict.fromkeys(("cpc", "cost per click"), PricingModel.CPC),
    **{"cpa": PricingModel.CPA, "cpv": PricingModel.CPV, "cpcv": PricingModel.CPCV, "cpp": PricingModel.CPP},
    "vcpm": PricingModel.VCPM,
}
# Quantities that are counted one by one, and the pricing model that counts them so.
COUNTED: Mapping[str, PricingModel] = {
    **{word: PricingModel.CPM for word in HEADERS if "impr" in word or word in ("imps", "ais", "ad impressions")},
    **{"clicks": PricingModel.CPC, "views": PricingModel.CPV, "completed views": PricingModel.CPCV},
    **{"grps": PricingModel.CPP, "grp": PricingModel.CPP},
}
FEE_KINDS: Mapping[str, FeeKind] = {
    "ad serv": FeeKind.AD_SERVING,
    "adserv": FeeKind.AD_SERVING,
    "dsp": FeeKind.DSP,
    "platform": FeeKind.DSP,
    "tech": FeeKind.DSP,
    "data": FeeKind.DATA,
    "verif": FeeKind.VERIFICATION,
    "produc": FeeKind.PRODUCTION,
    "commis": FeeKind.COMMISSION,
    "comis": FeeKind.COMMISSION,
    "provision": FeeKind.COMMISSION,
}

_C = Channel
CHANNELS: Mapping[str, Channel] = {
    **{channel.value.replace("_", " "): channel for channel in Channel},
    **{plain(channel.label): channel for channel in Channel},
    **{
        plain(word): channel
        for channel, line in {
            _C.SEARCH: "paid search, sem, ppc, google search, search ads, suchmaschinen, suche, sea, search engine "
            "marketing, busqueda, referencement payant, search engine advertising, text ad",
            _C.SOCIAL: "paid social, social media, social ads, soziale medien, reseaux sociaux, redes sociales",
            _C.DISPLAY: "programmatic display, banner, banners, display ads, display banner, programmatic, "
            "bannerwerbung, banniere, gdn",
            _C.OLV: "video, online video, digital video, video ads, pre roll, preroll, instream, in stream video, "
            "trueview in stream, vod, bvod, youtube",
            _C.CTV: "connected tv, ott, smart tv, streaming tv, advanced tv, atv, addressable tv",
            _C.LINEAR_TV: "tv, television, linear, broadcast, broadcast tv, fernsehen, television lineaire, "
            "television lineal, national tv, cable tv",
            _C.RADIO: "radio spots, horfunk, funk, terrestrial radio, broadcast radio",
            _C.STREAMING_AUDIO: "audio, digital audio, online audio, spotify, music streaming, audio streaming",
            _C.PODCAST: "podcasts, podcast ads",
            _C.DOOH: "digital ooh, digital out of home, programmatic dooh, digital billboards",
            _C.OOH: "outdoor, out of home, billboards, aussenwerbung, plakat, affichage, exterior, posters",
            _C.PRINT: "press, newspaper, newspapers, magazine, magazines, zeitung, zeitschriften, anzeigen, presse, "
            "prensa",
            _C.CINEMA: "kino, cine",
            _C.EMAIL: "e mail, newsletter, newsletters, mailing",
            _C.GAMING: "in game, games, ingame",
            _C.RETAIL_MEDIA: "retail, amazon, amazon ads, e retail, commerce media",
            _C.INFLUENCER: "influencers, influencer marketing, creators, creator",
            _C.AFFILIATE: "affiliates, affiliation, affiliate marketing",
            _C.PRODUCT_PLACEMENT: "product placements, branded content",
            _C.SPONSORED_INTELLIGENCE: "ai chat, ai assistants, chatgpt ads",
        }.items()
        for word in line.split(",")
    },
}
# Of whom one knows on which channel they sell; asked only where the document's channel says nothing ("Digital").
SELLERS: Mapping[str, Channel] = {
    **dict.fromkeys(("linkedin", "facebook", "instagram", "meta", "tiktok", "snapchat", "pinterest"), _C.SOCIAL),
    **{"youtube": _C.OLV, "bing": _C.SEARCH, "google search": _C.SEARCH, "microsoft ads": _C.SEARCH},
    **{"hulu": _C.CTV, "roku": _C.CTV, "netflix": _C.CTV, "spotify": _C.STREAMING_AUDIO, "pandora": _C.STREAMING_AUDIO},
}
VAGUE = frozenset({"digital", "online", "media", "internet", "paid media", "other", "numerique", "digitale medien"})

PRICING: Mapping[str, PricingModel] = {
    **{model.value.replace("_", " "): model for model in PricingModel},
    **{"tkp": PricingModel.CPM, "ecpm": PricingModel.CPM, "cpt": PricingModel.CPM, "dcpm": PricingModel.CPM},
    **{"cost per thousand": PricingModel.CPM, "cost per mille": PricingModel.CPM, "cost per click": PricingModel.CPC},
    **{"cost per action": PricingModel.CPA, "cost per acquisition": PricingModel.CPA, "cpl": PricingModel.CPA},
    **{"cost per lead": PricingModel.CPA, "cost per view": PricingModel.CPV, "viewable cpm": PricingModel.VCPM},
    **{"cost per completed view": PricingModel.CPCV, "cost per point": PricingModel.CPP, "grp": PricingModel.CPP},
    **{"flat": PricingModel.FLAT_RATE, "fixed": PricingModel.FLAT_RATE, "flat fee": PricingModel.FLAT_RATE},
    **{"fixed price": PricingModel.FLAT_RATE, "festpreis": PricingModel.FLAT_RATE, "forfait": PricingModel.FLAT_RATE},
    **{"pauschal": PricingModel.FLAT_RATE, "sponsorship": PricingModel.FLAT_RATE, "tenancy": PricingModel.FLAT_RATE},
    **{"revenue share": PricingModel.REVENUE_SHARE, "rev share": PricingModel.REVENUE_SHARE},
}

TOTALS = re.compile(
    r"(?:(?:grand|sub|overall|plan|campaign|channel|media)\s?)?totals?(?:\s.*)?|.*\s(?:sub)?totals?"
    r"|(?:gesamt|zwischen|end)?summe(?:\s.*)?|gesamt(?:\s.*)?|sum(?:\s.*)?|somme(?:\s.*)?|sous total(?:\s.*)?"
    r"|suma(?:\s.*)?",
)


def is_total(label: str) -> bool:
    return bool(TOTALS.fullmatch(plain(label)))
