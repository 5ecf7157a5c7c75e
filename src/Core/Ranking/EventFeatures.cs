namespace Auie.Core.Ranking;

/// <summary>
/// The features of an event shown to a user at an instant: of the user, of the event, of what is between them, and of the time to the start. Time is
/// taken in whole hours, and nothing of other showings is in it: not how many there were, with what others or in which order, or how long after one
/// another.
/// </summary>
public static class EventFeatures
{
    private const int CategoryCodes = 1021;

    /// <summary>The columns, in the order that <see cref="Write"/> writes them.</summary>
    public static RankingColumn[] Columns { get; } =
    [
        new("hours_to_start"), new("start_hour"), new("start_weekday"),
        new("yes"), new("maybe"), new("invited_count"), new("no"), new("yes_of_answers"), new("maybe_of_answers"), new("no_of_answers"), new("yes_of_invited"), new("no_of_invited"), new("answers_of_invited"),
        new("friends_yes"), new("friends_maybe"), new("friends_invited"), new("friends_no"), new("friends_yes_of_invited"), new("friends_yes_of_yes"),
        new("friends_invited_of_invited"), new("friends_yes_of_friends"), new("friends_invited_of_friends"), new("friends_no_of_answers"),
        new("invited"), new("creator_is_friend"), new("events_of_creator"),
        new("same_city"), new("same_country"), new("has_place"), new("country", IsCategorical: true),
        new("friends"), new("birth_year"), new("gender", IsCategorical: true), new("locale", IsCategorical: true), new("timezone"),
    ];

    /// <summary>Writes the features of a user and an event at an instant.</summary>
    /// <param name="row">As many values as there are <see cref="Columns"/>.</param>
    public static void Write(RankedUser user, RankedEvent shown, EventRelation relation, DateTimeOffset at, Span<float> row)
    {
        if (row.Length != Columns.Length) throw new ArgumentException($"A row has {Columns.Length} values, not {row.Length}.", nameof(row));
        var next = 0;
        var (hours, hour, weekday) = SharedFeatures.Start(shown.Start, at, user.Timezone ?? 0);
        Add(row, hours);
        Add(row, hour);
        Add(row, weekday);

        var (all, friends) = (shown.Answers, relation.Friends);
        Add(row, all?.Yes);
        Add(row, all?.Maybe);
        Add(row, all?.Invited);
        Add(row, all?.No);
        var shares = SharedFeatures.Answers(all?.Yes, all?.Maybe, all?.No);
        Add(row, shares.Yes);
        Add(row, shares.Maybe);
        Add(row, shares.No);
        Add(row, SharedFeatures.Share(all?.Yes, all?.Invited));
        Add(row, SharedFeatures.Share(all?.No, all?.Invited));
        Add(row, SharedFeatures.Share(all?.Yes + all?.Maybe + all?.No, all?.Invited));

        Add(row, friends?.Yes);
        Add(row, friends?.Maybe);
        Add(row, friends?.Invited);
        Add(row, friends?.No);
        Add(row, SharedFeatures.Share(friends?.Yes, friends?.Invited));
        Add(row, SharedFeatures.Share(friends?.Yes, all?.Yes));
        Add(row, SharedFeatures.Share(friends?.Invited, all?.Invited));
        Add(row, SharedFeatures.Share(friends?.Yes, user.Friends));
        Add(row, SharedFeatures.Share(friends?.Invited, user.Friends));
        Add(row, SharedFeatures.Answers(friends?.Yes, friends?.Maybe, friends?.No).No);

        Add(row, relation.IsInvited ? 1 : 0);
        Add(row, relation.CreatorIsFriend ? 1 : 0);
        Add(row, shown.EventsOfCreator);

        Add(row, SharedFeatures.SamePlace(user.Location, shown.City));
        Add(row, SharedFeatures.SamePlace(user.Location, shown.Country));
        Add(row, shown.City.Length + shown.Country.Length > 0 ? 1 : 0);
        Add(row, Code(shown.Country));

        Add(row, user.Friends);
        Add(row, user.BirthYear);
        Add(row, Code(user.Gender));
        Add(row, Code(user.Locale));
        Add(row, user.Timezone);

        void Add(Span<float> to, float? value) => to[next++] = value ?? float.NaN;
    }

    /// <summary>A text as the code of a category: of its hash, so that no list of texts has to go with a model.</summary>
    private static float? Code(string text) => text.Length == 0 ? null : StableHash.OfKey(text.ToLowerInvariant()) % CategoryCodes;
}
