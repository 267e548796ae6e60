using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GenApi.Hosting;

/// <summary>A string that is a link to a file or the id of one: an http(s) URL, a data URI, an image or an upload.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FileReferenceAttribute : Attribute;

/// <summary>A string of spaces alone is refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotBlankAttribute : Attribute;

/// <summary>A description with numbers that the code checks by.</summary>
/// <param name="format">As <see cref="string.Format(string, object?[])"/> takes it.</param>
/// <param name="values">For its places.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BoundsDescriptionAttribute(
    [StringSyntax(StringSyntaxAttribute.CompositeFormat)] string format, params object[] values)
    : DescriptionAttribute(string.Format(CultureInfo.InvariantCulture, format, values));
