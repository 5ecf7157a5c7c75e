using System.CommandLine;
using System.Globalization;
using Auie.Abstractions;

namespace Auie.Cli.Insights;

/// <summary>The options that say whom an insight is about.</summary>
internal sealed class AudienceOptions
{
    private const int OldestAge = 150, LongestTenure = 3_600;

    private readonly Option<int?> _segment = OptionForms.Whole("--segment", "Only the members of a segment, by its number (auie segments lists them).", 0);
    private readonly Option<string?> _locale = new("--locale") { Description = "Only users of a locale, as in en_US, whatever the case of its letters.", HelpName = "LOCALE" };
    private readonly Option<string?> _gender = OptionForms.OneOf("--gender", "Only users of a gender.", "male", "female", "unknown");
    private readonly Option<string?> _platform = OptionForms.OneOf("--platform", "Only users who were seen on a platform.", "web", "mobile", "email");
    private readonly Option<DateTimeOffset?> _asOf = CommonOptions.AsOf();

    private readonly Option<string?> _place = new("--place") { Description = "Only users of a place as they write it, whole or a part of it: city, region or country.", HelpName = "PLACE" };

    private readonly Option<(int? From, int? To)> _age = Range("--age", "age", $"Only users of an age, both ends included. From 0 to {OldestAge}.", OldestAge, "30, 25..40, 25.. or ..40");

    private readonly Option<(int? From, int? To)> _tenure =
        Range("--tenure", "tenure", $"Only users who joined so many calendar months ago, both ends included. From 0 to {LongestTenure}.", LongestTenure, "3, 3..5, 12.. or ..2");

    private readonly Option<(int? From, int? To)> _friends =
        Range("--friends", "number of friends", "Only users of so many friends, both ends included.", int.MaxValue, "0, 100..499, 1000.. or ..99");

    public AudienceOptions()
    {
        _place.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.Tokens.SingleOrDefault()?.Value)) result.AddError("--place needs a place: a city, a region or a country.");
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _segment, _locale, _gender, _platform, _place, _age, _tenure, _friends, _asOf }) command.Options.Add(option);
    }

    public AudienceRequest Read(ParseResult parse, CliSession session)
    {
        if (parse.GetValue(_asOf) is not null)
            session.Note("--as-of moves ages, tenures and the last day that is told. What users did is counted to the last flush all the same: it is no way back to what was known then.");
        var (age, tenure, friends) = (parse.GetValue(_age), parse.GetValue(_tenure), parse.GetValue(_friends));
        return new AudienceRequest
        {
            Segment = parse.GetValue(_segment),
            Locale = parse.GetValue(_locale),
            Gender = parse.GetValue(_gender),
            Platform = parse.GetValue(_platform),
            Place = parse.GetValue(_place),
            AgeFrom = age.From,
            AgeTo = age.To,
            TenureFrom = tenure.From,
            TenureTo = tenure.To,
            FriendsFrom = friends.From,
            FriendsTo = friends.To,
            AsOf = parse.GetValue(_asOf),
        };
    }

    /// <summary>N, N..M, or either end left out.</summary>
    private static Option<(int? From, int? To)> Range(string name, string what, string description, int most, string forms) => new(name)
    {
        Description = description,
        HelpName = "N..M",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            string[] ends = text.Contains("..", StringComparison.Ordinal) ? text.Split("..") : [text, text];
            if (ends is [var first, var last] && first.Length + last.Length > 0 && TryEnd(first, out var from) && TryEnd(last, out var to) && !(to < from)) return (from, to);
            if (ends is [{ Length: > 0 } above, { Length: > 0 } below] && TryEnd(above, out var larger) && TryEnd(below, out var smaller) && smaller < larger)
            {
                result.AddError($"{name} {text} has its ends reversed: write {smaller}..{larger}.");
                return default;
            }

            result.AddError($"'{text}' is no {what}, as {name} needs: write {forms}; each {(most == int.MaxValue ? "of 0 or more" : $"from 0 to {most}")}.");
            return default;

            bool TryEnd(string end, out int? value)
            {
                var read = int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most;
                value = read ? number : null;
                return read || end.Length == 0;
            }
        },
    };
}
