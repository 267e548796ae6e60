using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Doors;

/// <summary>
/// Translates the members of another service's request into inputs of the model. Nothing vanishes silently: a member that the model has no
/// input for is listed in <see cref="Ignored"/>, and a value that the model refuses is refused under the name by which it was sent.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="areTexts">Whether all values are strings, as in a form. Numbers and booleans are read from them.</param>
internal sealed class DoorInput(ResolvedModel model, bool areTexts = false)
{
    /// <summary>The header that lists the ignored members.</summary>
    public const string IgnoredHeader = "Genapi-Ignored";

    private const int MostListed = 50, LongestListed = 64;

    private readonly Dictionary<string, JsonElement> _common = [];
    private readonly Dictionary<string, JsonElement> _own = [];
    private readonly Dictionary<string, string> _sentAs = [];
    private readonly List<string> _ignored = [];

    public ResolvedModel Model => model;

    /// <summary>The values by their common names.</summary>
    public IReadOnlyDictionary<string, JsonElement> Common => _common;

    /// <summary>The members without an effect, by the names by which they were sent.</summary>
    public IReadOnlyList<string> Ignored => _ignored;

    /// <summary>Sets a value by its common name, whether the model takes it or not: it takes effect or the request is refused.</summary>
    /// <exception cref="GenApiException">InvalidRequest: another member has set the same to another value.</exception>
    public void Set(string common, string sentAs, JsonElement value)
    {
        value = InNumbers(common, value);
        if (_common.TryGetValue(common, out var other) && !CanonicalJson.AreEqual(other, value))
        {
            throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, sentAs,
                $"contradicts '{_sentAs.GetValueOrDefault($"$.{common}", common)}', which sets the same to another value. "
                + "Send one of them.");
        }
        _common[common] = value;
        _sentAs[$"$.{common}"] = sentAs;
    }

    /// <summary>Sets a value by its common name if the model takes it; otherwise the member is ignored.</summary>
    public void SetIfTaken(string common, string sentAs, JsonElement value)
    {
        if (common is CommonNames.Width or CommonNames.Height ? TakesSize : InputTranslation.Takes(model.Input, common))
            Set(common, sentAs, value);
        else
            Ignore(sentAs);
    }

    /// <summary>Sets one of the model's own inputs.</summary>
    public void SetOwn(string own, string sentAs, JsonElement value)
    {
        _own[own] = InTermsOf(model.Input.Find(own)?.Rule, value);
        _sentAs[PathOf(own)] = sentAs;
    }

    /// <summary>
    /// Handles a member that only some models understand, such as <c>quality</c>: the model's own input of that name gets it, if it accepts
    /// the value. Otherwise the member is ignored.
    /// </summary>
    public void Hint(string sentAs, JsonElement value)
    {
        if (InputTranslation.OwnNameOf(model.Input, sentAs) is { } own
            && InputTranslation.Accepts(model.Input, own, InTermsOf(model.Input.Find(own)!.Rule, value)))
            SetOwn(own, sentAs, value);
        else
            Ignore(sentAs);
    }

    /// <summary>
    /// Handles a member that the door's API does not have: the model's own name, or any name for a common one. Any other is ignored.
    /// </summary>
    public void Extra(string sentAs, JsonElement value)
    {
        var common = InputTranslation.CommonNameOf(sentAs);
        if (common == CommonNames.AspectRatio && value.ValueKind == JsonValueKind.String
            && DoorSize.TryReadRatio(value.GetString()!, out var ratio))
            SetRatio(ratio.Width, ratio.Height, sentAs);
        else if (InputTranslation.OwnNameOf(model.Input, sentAs) is { } own && !InputNames.IsCommon(own))
            SetOwn(own, sentAs, value);
        else if (common is not null)
            SetIfTaken(common, sentAs, value);
        else
            Ignore(sentAs);
    }

    /// <summary>Handles the member <c>input</c>: values by the model's own names, as in POST /generate.</summary>
    /// <exception cref="GenApiException">InvalidRequest: it is not an object.</exception>
    public void OwnInput(string sentAs, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, sentAs, "must be an object with the model's own input names.");
        foreach (var member in value.EnumerateObject())
            SetOwn(member.Name, $"{sentAs}.{member.Name}", member.Value);
    }

    /// <summary>Sets a size: the nearest one that the model can make. It is ignored if the model has no input for it.</summary>
    /// <exception cref="GenApiException">InvalidRequest: width or height was sent too, with another value.</exception>
    public void SetSize(int width, int height, string sentAs) =>
        SetShape(common => RequestedSize.TrySet(model, width, height, common), sentAs);

    /// <summary>Sets a shape: the nearest one that the model can make. It is ignored if the model has no input for it.</summary>
    /// <inheritdoc cref="SetSize"/>
    public void SetRatio(int width, int height, string sentAs) =>
        SetShape(common => RequestedSize.TrySetRatio(model, width, height, common), sentAs);

    /// <summary>Notes a member without an effect.</summary>
    public void Ignore(string sentAs)
    {
        if (!_ignored.Contains(sentAs))
            _ignored.Add(sentAs);
    }

    /// <summary>Writes the ignored members into the answer's headers.</summary>
    public void WriteIgnored(HttpResponse response)
    {
        if (_ignored.Count == 0)
            return;
        var names = _ignored.Take(MostListed)
            .Select(name => Uri.EscapeDataString(name.Length > LongestListed ? name[..LongestListed] : name));
        response.Headers[IgnoredHeader] = string.Join(", ", names) + (_ignored.Count > MostListed ? ", ..." : "");
    }

    /// <summary>Returns the model's own inputs as an object; undefined if there are none.</summary>
    public JsonElement OwnInput()
    {
        if (_own.Count == 0)
            return default;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in _own)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
            }
            writer.WriteEndObject();
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>Returns the common names with other values for some of them, such as the seed of one of several runs.</summary>
    public IReadOnlyDictionary<string, JsonElement> CommonWith(params ReadOnlySpan<(string Common, JsonElement Value)> others)
    {
        var all = new Dictionary<string, JsonElement>(_common);
        foreach (var (common, value) in others)
            all[common] = value;
        return all;
    }

    /// <summary>Names the members in a failure as they were sent, where the service names them as POST /generate does.</summary>
    public GenApiException InSentNames(GenApiException failure)
    {
        if (failure.Errors.Count == 0 || failure.Errors.Keys.All(path => SentAs(path) == path))
            return failure;
        var errors = new Dictionary<string, string[]>();
        foreach (var (path, sentences) in failure.Errors)
            errors[SentAs(path)] = [.. errors.GetValueOrDefault(SentAs(path), []), .. sentences];
        var (first, told) = errors.First();
        var more = failure.Errors.Count > 1 ? $" And {failure.Errors.Count - 1} more." : "";
        return new GenApiException(failure.Kind, $"{first}: {told[0].TrimEnd('.')}.{more}", failure.InnerException)
        {
            Errors = errors,
            RetryAfter = failure.RetryAfter,
            GenerationId = failure.GenerationId,
            Budget = failure.Budget,
            IsTransient = failure.IsTransient,
            MayHaveHappened = failure.MayHaveHappened,
        };
    }

    private bool TakesSize => !model.Input.IsKnown || CommonTargets.Of(model.Input).ContainsKey(CommonNames.Width)
        || CommonTargets.Of(model.Input).ContainsKey(CommonNames.Height);

    private void SetShape(Func<Dictionary<string, JsonElement>, bool> set, string sentAs)
    {
        var shape = new Dictionary<string, JsonElement>();
        if (!set(shape))
        {
            Ignore(sentAs);
            return;
        }
        foreach (var (common, value) in shape)
            Set(common, sentAs, value);
    }

    /// <summary>Returns the name by which a member was sent; the path itself where it is not known.</summary>
    private string SentAs(string path)
    {
        if (_sentAs.TryGetValue(path, out var sentAs))
            return sentAs;
        var bracket = path.IndexOf('[', StringComparison.Ordinal);
        return bracket > 0 && _sentAs.TryGetValue(path[..bracket], out sentAs) ? sentAs + path[bracket..]
            : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..]
            : path;
    }

    private static string PathOf(string own) => InputProblems.PathOf(own);

    private JsonElement InNumbers(string common, JsonElement value) => areTexts
        && model.Input.SlotOfCommon(common) is var slot and >= 0 ? InTermsOf(model.Input.Properties[slot].Rule, value) : value;

    /// <summary>Reads a number or a boolean from a text of a form, where the model wants one.</summary>
    private JsonElement InTermsOf(InputRule? rule, JsonElement value)
    {
        if (!areTexts || rule is null || value.ValueKind != JsonValueKind.String || rule.Types == InputTypes.Any
            || rule.Types.HasFlag(InputTypes.String))
            return value;
        var text = value.GetString()!.Trim();
        if (rule.Types.HasFlag(InputTypes.Boolean) && bool.TryParse(text, out var truth))
            return JsonElement.Parse(truth ? "true" : "false");
        var isNumber = rule.Types.HasFlag(InputTypes.Integer) || rule.Types.HasFlag(InputTypes.Number);
        return isNumber && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture))
            : value;
    }
}
