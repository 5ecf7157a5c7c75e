using System.CommandLine;
using System.Globalization;
using Auie.Abstractions;

namespace Auie.Cli.Insights;

/// <summary>The options that say whom an insight is about.</summary>
internal sealed class AudienceOptions
{
    private const int OldestAge = 150;

    private readonly Option<int?> _segment = new("--segment") { Description = "Only the members of a segment, by its number.", HelpName = "N" };
    private readonly Option<string?> _locale = new("--locale") { Description = "Only users of a locale, as in en_US.", HelpName = "LOCALE" };
    private readonly Option<string?> _gender = new("--gender") { Description = "Only users of a gender.", HelpName = "male|female|unknown" };
    private readonly Option<string?> _platform = new("--platform") { Description = "Only users who were seen on a platform.", HelpName = "web|mobile|email" };
    private readonly Option<DateTimeOffset?> _asOf = CommonOptions.AsOf();

    private readonly Option<(int From, int To)?> _age = new("--age")
    {
        Description = $"Only users of an age, both ends included. From 0 to {OldestAge}.",
        HelpName = "N..M",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            var parts = text.Split("..");
            if (parts.Length <= 2 && Age(parts[0]) is { } from && Age(parts[^1]) is { } to && from <= to) return (from, to);
            result.AddError($"'{text}' is no age: write 30, or 25..40; each from 0 to {OldestAge}.");
            return null;
        },
    };

    public AudienceOptions()
    {
        _gender.AcceptOnlyFromAmong("male", "female", "unknown");
        _platform.AcceptOnlyFromAmong("web", "mobile", "email");
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _segment, _locale, _gender, _platform, _age, _asOf }) command.Options.Add(option);
    }

    public AudienceRequest Read(ParseResult parse)
    {
        var age = parse.GetValue(_age);
        return new AudienceRequest
        {
            Segment = parse.GetValue(_segment),
            Locale = parse.GetValue(_locale),
            Gender = parse.GetValue(_gender),
            Platform = parse.GetValue(_platform),
            AgeFrom = age?.From,
            AgeTo = age?.To,
            AsOf = parse.GetValue(_asOf),
        };
    }

    private static int? Age(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var age) && age <= OldestAge ? age : null;
}
