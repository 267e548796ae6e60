using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// An input being put together: one slot for each of the model's inputs, and where its value came from, for callers are told about the
/// name they used. Collects all problems before it throws.
/// </summary>
/// <param name="schema">What the model takes.</param>
/// <param name="mask">Which colour of a mask the model repaints.</param>
/// <param name="hints">What is known for somebody who gives a name that the model does not have.</param>
internal sealed class InputSlots(InputSchema schema, MaskColour mask, InputHints hints)
{
    private readonly JsonElement[] _values = new JsonElement[schema.Properties.Count];
    private readonly string?[] _givenAs = new string?[schema.Properties.Count];
    private InputProblems _problems;

    public InputSchema Schema { get; } = schema;

    public bool IsSet(int place) => _values[place].ValueKind != JsonValueKind.Undefined;

    public JsonElement Value(int place) => _values[place];

    public bool IsByCommonName(int place) => _givenAs[place] is not null;

    public void Refuse(string path, string message) => _problems.Refuse(path, message);

    /// <summary>Refuses a common name that the model has nothing for.</summary>
    public void RefuseCommon(string common) => Refuse($"$.{common}", _problems.IsFull ? "" : hints.OfCommon(Schema, common));

    /// <summary>The value by a common name, in the model's own terms.</summary>
    public void SetCommon(int place, string common, JsonElement value) => Set(place, common, value);

    /// <summary>A member of the caller's <c>input</c>. A null leaves the input to the model's default, yet a name it does not have is a typo.</summary>
    public void SetOwn(JsonProperty member)
    {
        if (CanonicalText.HasLoneSurrogate(JsonMarshal.GetRawUtf8PropertyName(member)))
        {
            Refuse("$.input", $"has a name that is not valid Unicode. This model takes: {Schema.Names}");
            return;
        }
        var name = member.Name;
        var place = Schema.PlaceOf(name);
        if (place < 0)
            Refuse(InputProblems.PathOf(name), _problems.IsFull ? "" : InputHints.OfOwn(Schema, name));
        else if (member.Value.ValueKind != JsonValueKind.Null)
            Set(place, null, member.Value);
    }

    /// <summary>Notes everything that the schema refuses.</summary>
    public void Check()
    {
        for (var place = 0; place < _values.Length; place++)
        {
            if (IsSet(place))
                Check(place);
            else if (Schema.Properties[place] is { Required: true, Default: null } missing)
                Refuse(Schema.CommonNameOf(place) is { } common ? $"$.{common}" : InputProblems.PathOf(missing.Name), "is required by this model");
        }
    }

    /// <exception cref="GenApiException">
    /// InvalidRequest when two values contradict each other, InvalidInput for everything that was refused.
    /// </exception>
    public NormalisedInput ToInput()
    {
        _problems.ThrowIfAny();
        var members = new List<KeyValuePair<string, JsonElement>>(_values.Length);
        List<InputFile>? files = null;
        for (var place = 0; place < _values.Length; place++)
        {
            if (!IsSet(place))
                continue;
            var property = Schema.Properties[place];
            members.Add(new(property.Name, _values[place]));
            // Some models call their source image a plain string.
            if (property.Rule.TakesFiles || place == Schema.PlaceOfCommon(CommonNames.Image) || place == Schema.PlaceOfCommon(CommonNames.Mask))
                InputFiles.Add(ref files, _values[place], FileAt(place), _givenAs[place] is not null, isSurelyFile: true);
        }
        InputSizes.Check(members, files, ref _problems);
        _problems.ThrowIfAny();
        return new NormalisedInput(Schema, [.. members], files);
    }

    private void Set(int place, string? common, JsonElement value)
    {
        if (!IsSet(place))
        {
            _values[place] = value;
            _givenAs[place] = common;
        }
        else if (!CanonicalJson.AreEqual(_values[place], value) || (IsMaskToInvert(place) && common is null))
        {
            var other = common is null ? InputProblems.PathOf(Schema.Properties[place].Name) : $"$.{common}";
            _problems.Contradict(PathOf(place), other, Schema.Properties[place].Name);
        }
    }

    private void Check(int place)
    {
        var property = Schema.Properties[place];
        var value = _values[place];
        if (IsMaskToInvert(place) && value.ValueKind == JsonValueKind.String
            && !InputFiles.IsHeld(value) && InputCheck.Problem(property.Rule, value) is null)
        {
            Refuse(PathOf(place), MaskPolarity.CanNotInvert(property.Name));
            return;
        }
        if (InputSizes.PromptProblem(property.Name, value) is { } tooLong)
        {
            Refuse(PathOf(place), tooLong);
            return;
        }
        if (InputCheck.Problem(property.Rule, value) is { } problem)
        {
            // Some schemas contradict their own default (an integer with 13.5); what the model itself would use can't be wrong.
            if (property.Default is not { } own || !CanonicalJson.AreEqual(own, value))
                Refuse(PathOf(place), problem);
            return;
        }
        if (value.ValueKind == JsonValueKind.Array && property.Rule.Items is { } rule)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (_problems.IsFull)
                    break;
                if (InputCheck.Problem(rule, item) is { } fault)
                    Refuse(_givenAs[place] is null ? $"{PathOf(place)}[{index}]" : PathOf(place), fault);
                index++;
            }
        }
        else if (place == Schema.SeedPlace && !InputCheck.TryInteger(value, out _))
        {
            Refuse(PathOf(place), "must be an integer of 64 bits");
        }
        else if (property.Rule.Types == InputTypes.Integer && !value.TryGetInt64(out _))
        {
            // 50.0 is an integer to JSON Schema and a float to the Python that runs the model.
            _values[place] = JsonElement.Parse(CanonicalJson.Write(value));
        }
        else if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object && CanonicalText.HasLoneSurrogate(JsonMarshal.GetRawUtf8Value(value)))
        {
            Refuse(PathOf(place), "must be valid Unicode: it holds half of a surrogate pair");
        }
    }

    /// <summary>Given by the common name, which is white where to repaint; the model's own name means what the model means.</summary>
    private bool IsMaskToInvert(int place) => mask == MaskColour.Black && _givenAs[place] == CommonNames.Mask;

    private InputFile FileAt(int place) => new(Schema.Properties[place].Name, null, PathOf(place), "") { MustBeInverted = IsMaskToInvert(place) };

    /// <summary>Where the caller gave the value.</summary>
    public string PathOf(int place) => _givenAs[place] is { } common ? $"$.{common}" : InputProblems.PathOf(Schema.Properties[place].Name);
}
