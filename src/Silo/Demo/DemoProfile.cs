using System.Globalization;

namespace Auie.Silo.Demo;

/// <summary>Who a user is: the home, the clock, and the traits as they are sent, with gaps and garbage.</summary>
internal sealed record DemoProfile(int City, int OffsetMinutes, long Joined, bool SeenAnonymously, Dictionary<string, string> Traits)
{
    /// <summary>The share of users who were seen before they were known.</summary>
    public const double Anonymous = .12;

    public const double NoLocation = .143;
    public const double BlankLocation = .039;
    public const double UndefinedLocation = .005;
    public const double NoTimezone = .011;
    public const double NoGender = .003;
    public const double NoJoinedAt = .0015;
    public const double Male = .608;

    private static readonly string[] NotYears = ["23-May", "16-Mar", "", "n/a"];

    public static DemoProfile Draw(long seed, int user, int? birthYear, DemoCalendar calendar)
    {
        var random = new DemoRandom(seed, DemoStream.Profile, user);
        var (locale, city) = DemoPlaces.DrawHome(ref random);
        var joined = calendar.DrawJoining(ref random);
        var traits = new Dictionary<string, string>(6) { ["locale"] = locale };
        if (birthYear is { } year) traits["birthyear"] = year.ToString(CultureInfo.InvariantCulture);
        else if (random.Chance(.95)) traits["birthyear"] = "None";
        else if (random.Chance(.5)) traits["birthyear"] = NotYears[random.Below(NotYears.Length)];

        var gender = random.NextDouble();
        if (gender >= NoGender) traits["gender"] = gender < NoGender + Male ? "male" : "female";

        var location = random.NextDouble() - NoLocation;
        if (location >= BlankLocation + UndefinedLocation) traits["location"] = DemoPlaces.Cities[city].Name;
        else if (location >= BlankLocation) traits["location"] = "undefined  undefined";
        else if (location >= 0) traits["location"] = "  ";

        var offset = 0;
        if (!random.Chance(NoTimezone))
        {
            offset = DemoPlaces.Cities[city].Timezone;
            traits["timezone"] = offset.ToString(CultureInfo.InvariantCulture);
        }

        if (!random.Chance(NoJoinedAt))
        {
            var at = new DateTime(joined, DateTimeKind.Utc);
            traits["joinedAt"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        }

        return new(city, offset, joined, random.Chance(Anonymous), traits);
    }
}
