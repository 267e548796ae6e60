using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Assembles an input with one slot for each of the model's inputs, and records which name the caller used for it. It collects all problems
/// before it throws.
/// </summary>
/// <param name="schema">The schema of the model.</param>
/// <param name="mask">The colour of a mask that the model repaints.</param>
/// <param name="hints">Answers for names that the model does not have.</param>
internal sealed class InputSlots(InputSchema schema, MaskColour mask, InputHints hints)
{
    private readonly JsonElement[] _values = new JsonElement[schema.Properties.Count];
    private readonly string?[] _givenAs = new string?[schema.Properties.Count];
    private InputProblems _problems;

    public InputSchema Schema { get; } = schema;

    public bool IsSet(int slot) => _values[slot].ValueKind != JsonValueKind.Undefined;

    public JsonElement Value(int slot) => _values[slot];

    public bool IsByCommonName(int slot) => _givenAs[slot] is not null;

    public void Refuse(string path, string message) => _problems.Refuse(path, message);

    /// <summary>Refuses a common name that the model has no input for.</summary>
    public void RefuseCommon(string common) => Refuse($"$.{common}", _problems.IsFull ? "" : hints.OfCommon(Schema, common));

    /// <summary>Sets a value by its common name, already in the model's own terms.</summary>
    public void SetCommon(int slot, string common, JsonElement value) => Set(slot, common, value);

    /// <summary>Sets a member of the caller's <c>input</c>. A null keeps the model's default, but an unknown name is a typo.</summary>
    public void SetOwn(JsonProperty member)
    {
        if (CanonicalText.HasLoneSurrogate(JsonMarshal.GetRawUtf8PropertyName(member)))
        {
            Refuse("$.input", $"has a name that is not valid Unicode. This model takes: {Schema.Names}");
            return;
        }
        var name = member.Name;
        var slot = Schema.SlotOf(name);
        // AI SDK's client of Replicate asks every model for one picture, and a model without that input makes one.
        if (slot < 0 && name == CommonNames.NumOutputs && OutputCounts.IsOne(member.Value))
            return;
        if (slot < 0)
            Refuse(InputProblems.PathOf(name), _problems.IsFull ? "" : InputHints.OfOwn(Schema, name));
        else if (member.Value.ValueKind != JsonValueKind.Null)
            Set(slot, null, member.Value);
    }

    /// <summary>Checks all slots against the schema.</summary>
    public void Check()
    {
        for (var slot = 0; slot < _values.Length; slot++)
        {
            if (IsSet(slot))
                Check(slot);
            else if (Schema.Properties[slot] is { Required: true, Default: null } missing)
            {
                var path = Schema.CommonNameOf(slot) is { } common ? $"$.{common}" : InputProblems.PathOf(missing.Name);
                Refuse(path, "is required by this model");
            }
        }
    }

    /// <exception cref="GenApiException">
    /// InvalidRequest if two values contradict each other, InvalidInput for everything that was refused.
    /// </exception>
    public NormalisedInput ToInput()
    {
        _problems.ThrowIfAny();
        var members = new List<KeyValuePair<string, JsonElement>>(_values.Length);
        List<InputFile>? files = null;
        for (var slot = 0; slot < _values.Length; slot++)
        {
            if (!IsSet(slot))
                continue;
            var property = Schema.Properties[slot];
            members.Add(new(property.Name, _values[slot]));
            // Some models declare their source image as a plain string.
            var isImage = slot == Schema.SlotOfCommon(CommonNames.Image) || slot == Schema.SlotOfCommon(CommonNames.Mask);
            if (property.Rule.TakesFiles || isImage)
                InputFiles.Add(ref files, _values[slot], FileAt(slot), _givenAs[slot] is not null, isSurelyFile: true);
        }
        InputSizes.Check(members, files, ref _problems);
        _problems.ThrowIfAny();
        return new NormalisedInput(Schema, [.. members], files);
    }

    private void Set(int slot, string? common, JsonElement value)
    {
        if (!IsSet(slot))
        {
            _values[slot] = value;
            _givenAs[slot] = common;
        }
        else if (!CanonicalJson.AreEqual(_values[slot], value) || (IsMaskToInvert(slot) && common is null))
        {
            var other = common is null ? InputProblems.PathOf(Schema.Properties[slot].Name) : $"$.{common}";
            _problems.Contradict(PathOf(slot), other, Schema.Properties[slot].Name);
        }
    }

    private void Check(int slot)
    {
        var property = Schema.Properties[slot];
        var value = _values[slot];
        if (IsMaskToInvert(slot) && value.ValueKind == JsonValueKind.String
            && !InputFiles.IsHeld(value) && InputCheck.Problem(property.Rule, value) is null)
        {
            Refuse(PathOf(slot), MaskPolarity.CanNotInvert(property.Name));
            return;
        }
        if (InputSizes.PromptProblem(property.Name, value) is { } tooLong)
        {
            Refuse(PathOf(slot), tooLong);
            return;
        }
        if (InputCheck.Problem(property.Rule, value) is { } problem)
        {
            // Some schemas contradict their own default (an integer with 13.5); what the model itself would use can't be wrong.
            if (property.Default is not { } own || !CanonicalJson.AreEqual(own, value))
                Refuse(PathOf(slot), problem);
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
                    Refuse(_givenAs[slot] is null ? $"{PathOf(slot)}[{index}]" : PathOf(slot), fault);
                index++;
            }
        }
        else if (slot == Schema.SeedSlot && !InputCheck.TryInteger(value, out _))
        {
            Refuse(PathOf(slot), "must be an integer of 64 bits");
        }
        else if (property.Rule.Types == InputTypes.Integer && !value.TryGetInt64(out _))
        {
            // 50.0 is an integer to JSON Schema and a float to the Python that runs the model.
            _values[slot] = JsonElement.Parse(CanonicalJson.Write(value));
        }
        else if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object
            && CanonicalText.HasLoneSurrogate(JsonMarshal.GetRawUtf8Value(value)))
        {
            Refuse(PathOf(slot), "must be valid Unicode: it holds half of a surrogate pair");
        }
    }

    /// <summary>
    /// Returns whether the model repaints black, but the mask came by the common name, which is white where to repaint. A mask by the
    /// model's own name has the model's meaning.
    /// </summary>
    private bool IsMaskToInvert(int slot) => mask == MaskColour.Black && _givenAs[slot] == CommonNames.Mask;

    private InputFile FileAt(int slot) =>
        new(Schema.Properties[slot].Name, null, PathOf(slot), "") { MustBeInverted = IsMaskToInvert(slot) };

    /// <summary>Returns the path at which the caller gave the value.</summary>
    public string PathOf(int slot) => _givenAs[slot] is { } common ? $"$.{common}" : InputProblems.PathOf(Schema.Properties[slot].Name);
}
