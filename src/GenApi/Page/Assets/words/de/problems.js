// Was schiefging, nach dem Code des Problems, und der nächste Schritt.
export default {
  'wait': 'Versuchen Sie es in {wait} noch einmal.',
  'span-day': 'für heute',
  'span-month': 'für diesen Monat',
  'span-total': 'insgesamt',

  'malformed_json': 'Der Dienst konnte nicht lesen, was diese Seite gesendet hat.',
  'malformed_json.next': 'Laden Sie die Seite neu und versuchen Sie es noch einmal. Hilft das nicht, sagen Sie der Verwaltung Bescheid.',
  'invalid_request': 'Etwas an dieser Anfrage ist nicht erlaubt.',
  'invalid_request.next': 'Ändern Sie, was hier genannt ist, und versuchen Sie es noch einmal.',
  'unauthenticated': 'Sie sind nicht angemeldet, oder Ihr API-Schlüssel gilt nicht mehr.',
  'unauthenticated.next': 'Melden Sie sich mit einem gültigen API-Schlüssel an. Ihre Eingaben bleiben erhalten.',
  'forbidden': 'Ihr API-Schlüssel erlaubt das nicht.',
  'forbidden.next': 'Bitten Sie die Verwaltung um einen Schlüssel mit diesem Recht. Was ein anderer Schlüssel erzeugt hat, kann nur '
    + 'er ändern.',
  'budget_exhausted': 'Das Budget reicht für diese Anfrage nicht. Es wurde nichts gesendet.',
  'budget_exhausted.next': 'Wählen Sie ein günstigeres Modell oder weniger Bilder, oder bitten Sie die Verwaltung um ein höheres Limit.',
  'budget_exhausted.key': 'Ihr Budget {span} reicht nicht für diese Anfrage, die bis zu {price} kosten kann: Von {limit} sind {spent} '
    + 'ausgegeben und {reserved} für laufende Aufträge reserviert. Es wurde nichts gesendet.',
  'budget_exhausted.key.next': 'Platz entsteht, wenn laufende Aufträge enden, sonst nach {resets}. Eine günstigere Anfrage passt '
    + 'vielleicht '
    + 'schon jetzt.',
  'budget_exhausted.key-total': 'Ihr gesamtes Budget reicht nicht für diese Anfrage, die bis zu {price} kosten kann: Von {limit} sind '
    + '{spent} ausgegeben und {reserved} für laufende Aufträge reserviert. Es wurde nichts gesendet.',
  'budget_exhausted.key-total.next': 'Bitten Sie die Verwaltung um ein höheres Limit. Eine günstigere Anfrage passt vielleicht schon '
    + 'jetzt.',
  'budget_exhausted.end_user': 'Das Budget von {person} {span} reicht nicht für diese Anfrage, die bis zu {price} kosten kann: Von {limit} '
    + 'sind {spent} ausgegeben und {reserved} für laufende Aufträge reserviert. Es wurde nichts gesendet.',
  'budget_exhausted.end_user.next': 'Platz entsteht, wenn laufende Aufträge enden, sonst nach {resets}. Eine günstigere Anfrage passt '
    + 'vielleicht schon jetzt.',
  'budget_exhausted.end_user-total': 'Das gesamte Budget von {person} reicht nicht für diese Anfrage, die bis zu {price} kosten kann: Von '
    + '{limit} sind {spent} ausgegeben und {reserved} für laufende Aufträge reserviert. Es wurde nichts gesendet.',
  'budget_exhausted.end_user-total.next': 'Bitten Sie die Verwaltung um ein höheres Limit. Eine günstigere Anfrage passt vielleicht schon '
    + 'jetzt.',
  'budget_exhausted.all': 'Das gemeinsame Budget aller, {limit} {span}, reicht nicht für diese Anfrage, die bis zu {price} kosten kann. Es '
    + 'wurde nichts gesendet.',
  'budget_exhausted.all.next': 'Platz entsteht, wenn laufende Aufträge enden, sonst nach {resets}. Eine günstigere Anfrage passt '
    + 'vielleicht '
    + 'schon jetzt.',
  'budget_exhausted.all-total': 'Das gemeinsame Budget aller, {limit} insgesamt, reicht nicht für diese Anfrage, die bis zu {price} kosten '
    + 'kann. Es wurde nichts gesendet.',
  'budget_exhausted.all-total.next': 'Bitten Sie die Verwaltung um ein höheres Limit. Eine günstigere Anfrage passt vielleicht schon '
    + 'jetzt.',
  'unpriced_model': 'Für dieses Modell ist hier kein Preis bekannt. Darum geht es nicht innerhalb eines Budgets.',
  'unpriced_model.next': 'Wählen Sie ein anderes Modell, oder bitten Sie die Verwaltung, einen Preis festzulegen.',
  'not_found': 'Das gibt es nicht, oder Ihr Schlüssel darf es nicht sehen. Vielleicht wurde es gelöscht.',
  'not_found.next': 'Gehen Sie zurück und laden Sie die Liste neu.',
  'unknown_model': 'Dieses Modell gibt es nicht, oder es ist hier nicht erlaubt.',
  'unknown_model.next': 'Wählen Sie ein Modell aus der Liste.',
  'conflict': 'Das ist im Moment nicht möglich.',
  'conflict.next': 'Sehen Sie sich den jetzigen Stand an und entscheiden Sie dann neu.',
  'request_timeout': 'Das Hochladen war zu langsam, darum hat der Dienst es beendet.',
  'request_timeout.next': 'Versuchen Sie es mit einem kleineren Bild oder einer schnelleren Verbindung.',
  'body_too_large': 'Die Datei oder die Anfrage ist zu groß.',
  'body_too_large.next': 'Nehmen Sie ein kleineres Bild: Hochladen lassen sich höchstens 20 MB.',
  'unsupported_media_type': 'Diese Art von Datei geht hier nicht.',
  'unsupported_media_type.next': 'Speichern Sie das Bild als PNG, JPEG oder WebP und versuchen Sie es noch einmal.',
  'invalid_input': 'Das Modell nimmt diese Einstellungen nicht an.',
  'invalid_input.next': 'Ändern Sie, was hier genannt ist, und versuchen Sie es noch einmal.',
  'content_refused': 'Das Modell oder sein Sicherheitsfilter hat die Anfrage abgelehnt.',
  'content_refused.next': 'Ändern Sie den Prompt oder das Bild. Dieselbe Anfrage würde wieder abgelehnt.',
  'idempotency_mismatch': 'Diese Anfrage wurde schon einmal mit anderen Einstellungen gesendet.',
  'idempotency_mismatch.next': 'Drücken Sie den Knopf noch einmal. Die Seite sendet sie dann als neue Anfrage.',
  'image_not_convertible': 'Dieses Bild lässt sich nicht umwandeln: Es ist beschädigt, zu groß oder hat ein seltenes Format.',
  'image_not_convertible.next': 'Laden Sie das Original herunter. Es ist unverändert.',
  'rate_limited': 'Sie haben in kurzer Zeit zu viele Anfragen gesendet. An das Modell ging nichts.',
  'rate_limited.next': 'Warten Sie eine Minute und versuchen Sie es noch einmal.',
  'blob_missing': 'Die Datei eines Bildes fehlt auf dem Server.',
  'blob_missing.next': 'Erzeugen Sie das Bild mit denselben Einstellungen neu. War es eine Vorlage, laden Sie sie noch einmal hoch.',
  'internal_error': 'Im Dienst ist etwas schiefgegangen.',
  'internal_error.next': 'Versuchen Sie es noch einmal. Passiert es wieder, geben Sie der Verwaltung diese Nummer: {trace}',
  'upstream_failed': 'Das Modell ist gescheitert.',
  'upstream_failed.next': 'Versuchen Sie es noch einmal: Viele Fehler gehen vorüber. Scheitert es wieder, ändern Sie die '
    + 'Einstellungen oder '
    + 'wählen Sie ein anderes Modell.',
  'upstream_bad_answer': 'Der Dienst konnte eine Antwort von Replicate nicht lesen. Dort laufen die Modelle.',
  'upstream_bad_answer.next': 'Versuchen Sie es gleich noch einmal.',
  'upstream_no_output': 'Das Modell ist ohne Ergebnis zu Ende gegangen.',
  'upstream_no_output.next': 'Ändern Sie die Einstellungen oder wählen Sie ein anderes Modell. Dieselbe Anfrage endet genauso und kostet '
    + 'wieder.',
  'download_failed': 'Das Modell hat ein Ergebnis erzeugt, aber der Dienst konnte es nicht vollständig abholen.',
  'download_failed.next': 'Versuchen Sie es noch einmal. Der neue Lauf kostet wieder.',
  'unusable_output': 'Der Dienst kann das Ergebnis nicht speichern: Es ist zu groß oder hat eine Form, die nicht erlaubt ist.',
  'unusable_output.next': 'Sagen Sie der Verwaltung Bescheid. Dieselbe Anfrage würde wieder scheitern und wieder kosten.',
  'upstream_unavailable': 'Der Dienst erreicht Replicate nicht. Dort laufen die Modelle.',
  'upstream_unavailable.next': 'Versuchen Sie es in ein paar Minuten noch einmal.',
  'upstream_unauthorized': 'Replicate, wo die Modelle laufen, verweigert diesem Dienst den Zugang.',
  'upstream_unauthorized.next': 'Sagen Sie der Verwaltung Bescheid: Der Dienst braucht ein gültiges Replicate-Token.',
  'upstream_out_of_credit': 'Das Konto dieses Dienstes bei Replicate hat kein Guthaben mehr.',
  'upstream_out_of_credit.next': 'Sagen Sie der Verwaltung Bescheid. Versuchen Sie es wieder, wenn Guthaben da ist.',
  'upstream_rate_limited': 'Replicate, wo die Modelle laufen, hat den Dienst zu lange gebremst.',
  'upstream_rate_limited.next': 'Versuchen Sie es in ein paar Minuten noch einmal.',
  'overloaded': 'Der Dienst ist ausgelastet: Es wartet schon zu viel.',
  'overloaded.next': 'Versuchen Sie es in ein paar Minuten noch einmal.',
  'storage_unavailable': 'Der Dienst kann seinen Speicher gerade nicht benutzen. An das Modell ging nichts.',
  'storage_unavailable.next': 'Versuchen Sie es in ein paar Minuten noch einmal. Bleibt es so, sagen Sie der Verwaltung Bescheid.',
  'storage_unavailable.failed': 'Der Dienst konnte seinen Speicher nicht benutzen, darum ist das Ergebnis verloren.',
  'storage_unavailable.failed.next': 'Versuchen Sie es noch einmal. Der neue Lauf kostet vielleicht wieder.',
  'not_cached': 'Nichts Gespeichertes beantwortet diese Anfrage.',
  'not_cached.next': 'Starten Sie stattdessen einen neuen Lauf.',
  'upstream_timeout': 'Der Lauf hat zu lange gedauert, darum hat der Dienst ihn beendet.',
  'upstream_timeout.next': 'Versuchen Sie es noch einmal: Der nächste Lauf beginnt vielleicht früher. Weniger Schritte oder ein kleineres '
    + 'Bild brauchen weniger Zeit.',
  'storage_full': 'Die Platte des Servers ist voll, darum wurde nichts angenommen.',
  'storage_full.next': 'Sagen Sie der Verwaltung Bescheid. Versuchen Sie es wieder, wenn Platz ist.',
  'storage_full.run': 'Das Bild ist erzeugt und bezahlt, aber die Platte des Servers ist voll.',
  'storage_full.run.next': 'Senden Sie es nicht noch einmal. Es wird gespeichert, sobald innerhalb einer Stunde Platz ist: Verfolgen Sie '
    + 'den Lauf.',
  'storage_full.failed': 'Die Platte des Servers ist voll, darum lässt sich das Ergebnis nicht speichern.',
  'storage_full.failed.next': 'Bitten Sie die Verwaltung, Platz zu schaffen. Ist der Lauf gescheitert, versuchen Sie es dann noch einmal: '
    + 'Der neue Lauf kostet wieder.',

  'method_not_allowed': 'Der Dienst kennt diese Aktion nicht.',
  'method_not_allowed.next': 'Laden Sie die Seite neu: Sie ist vielleicht älter als der Dienst.',
  'precondition_failed': 'Es hat sich geändert, seit diese Seite es gelesen hat.',
  'precondition_failed.next': 'Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  'range_not_satisfiable': 'Diesen Teil der Datei gibt es nicht.',
  'range_not_satisfiable.next': 'Laden Sie die ganze Datei noch einmal herunter.',
  'uri_too_long': 'Die Suche oder der Filter ist zu lang.',
  'uri_too_long.next': 'Nehmen Sie weniger oder kürzere Wörter.',
  'request_header_fields_too_large': 'Der Browser hat zu viele Cookies mitgeschickt.',
  'request_header_fields_too_large.next': 'Löschen Sie die Cookies dieser Seite und melden Sie sich neu an.',
  'gateway': 'Ein Server zwischen dieser Seite und dem Dienst hat den Dienst nicht erreicht.',
  'gateway.next': 'Versuchen Sie es in einer Minute noch einmal. Bleibt es so, sagen Sie der Verwaltung Bescheid.',
  'offline': 'Der Dienst ist nicht erreichbar.',
  'offline.next': 'Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal. Ihre Eingaben bleiben erhalten.',
  'aborted': 'Das wurde vor dem Ende angehalten.',
  'aborted.next': 'Starten Sie es neu, wenn Sie es noch brauchen.',
  'broken': 'In dieser Seite ist etwas schiefgegangen.',
  'broken.next': 'Laden Sie die Seite neu. Ihre Eingaben bleiben erhalten.',
  'unknown': 'Die Anfrage ist fehlgeschlagen ({status}).',
  'unknown.next': 'Versuchen Sie es noch einmal. Passiert es wieder, sagen Sie der Verwaltung Bescheid.',
};
