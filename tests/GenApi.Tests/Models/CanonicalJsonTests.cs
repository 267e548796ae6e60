using System.Text.Json;
using GenApi.Core.Models.Canonical;

namespace GenApi.Tests.Models;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("1e0", "1")]
    [InlineData("10E-1", "1")]
    [InlineData("0.1e1", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("0e999999999999", "0")]
    [InlineData("7.50", "7.5")]
    [InlineData("75e-1", "7.5")]
    [InlineData("-12.340", "-12.34")]
    [InlineData("1000000", "1000000")]
    [InlineData("1e6", "1000000")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("1e-6", "0.000001")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("9007199254740993.0", "9007199254740993")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827")]
    [InlineData("1e400", "1e400")]
    [InlineData("10e399", "1e400")]
    [InlineData("1e-400", "1e-400")]
    [InlineData("1000000000000000000000000", "1e24")]
    [InlineData("1e24", "1e24")]
    public void A_number_has_one_spelling(string given, string canonical) => Assert.Equal(canonical, CanonicalJson.Write(Json(given)));

    [Theory]
    [InlineData("""{"b":1,"a":{"d":[1,2.0],"c":null}}""", """{"a":{"c":null,"d":[1,2]},"b":1}""")]
    [InlineData("""{ "a" : true , "a" : false }""", """{"a":false}""")]
    [InlineData("""{"\u0061":1}""", """{"a":1}""")]
    [InlineData("""["\u00e9\/\t\u0009\u001f\"\\"]""", """["é/\t\t\u001f\"\\"]""")]
    [InlineData("""["\ud83d\ude00"]""", """["😀"]""")]
    [InlineData("""["\uD83D"]""", """["\ud83d"]""")]
    [InlineData("""["\ude00\ud83d"]""", """["\ude00\ud83d"]""")]
    [InlineData("""["e\u0301"]""", "[\"e\u0301\"]")]
    [InlineData("[ ]", "[]")]
    public void Order_whitespace_and_escapes_do_not_matter(string given, string canonical) =>
        Assert.Equal(canonical, CanonicalJson.Write(Json(given)));

    [Fact]
    public void Members_are_sorted_however_they_came()
    {
        KeyValuePair<string, JsonElement>[] one = [new("width", Json("1024.0")), new("prompt", Json("\"x\"")), new("ключ", Json("1"))];
        var text = CanonicalJson.Write(one);
        Assert.Equal("""{"prompt":"x","width":1024,"ключ":1}""", text);
        Assert.Equal(text, CanonicalJson.Write(one.Reverse()));
        Assert.Equal(text, CanonicalJson.Write(Json("""{"ключ":1,"width":1024,"prompt":"x"}""")));
    }

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "\"1\"", false)]
    [InlineData("\"a\"", "\"\\u0061\"", true)]
    [InlineData("[1]", "[1,1]", false)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    [InlineData("true", "true", true)]
    [InlineData("true", "false", false)]
    public void Equal_is_what_means_the_same(string one, string other, bool equal) =>
        Assert.Equal(equal, CanonicalJson.AreEqual(Json(one), Json(other)));

    [Fact]
    public void Canonical_text_is_its_own_canonical_text()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var number = $"{random.Next(-999, 999)}.{random.Next(0, 999_999)}e{random.Next(-40, 40)}";
            var once = CanonicalJson.Write(Json(number));
            Assert.Equal(once, CanonicalJson.Write(Json(once)));
            Assert.Equal(
                double.Parse(number, System.Globalization.CultureInfo.InvariantCulture),
                double.Parse(once, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
