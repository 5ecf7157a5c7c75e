using System.Text.Json;
using System.Text.Json.Serialization;
using Auie.Abstractions;
using Auie.Client.Keys;

namespace Auie.Client.Http;

/// <summary>How everything that crosses HTTP is written as JSON: camelCase, instants in ISO 8601, doubles so that they round-trip, and null where there is no number.</summary>
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(UserView))]
[JsonSerializable(typeof(UserSegment))]
[JsonSerializable(typeof(FriendPage))]
[JsonSerializable(typeof(SegmentationView))]
[JsonSerializable(typeof(SegmentView))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(BorderView))]
[JsonSerializable(typeof(UserSilhouette))]
[JsonSerializable(typeof(JobOrder))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(RankerList))]
[JsonSerializable(typeof(SiloList))]
[JsonSerializable(typeof(TableView))]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(EventReceipt))]
[JsonSerializable(typeof(TrackingReceipt))]
[JsonSerializable(typeof(ItemBatch))]
[JsonSerializable(typeof(ImportReceipt))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(ImportList))]
[JsonSerializable(typeof(EngineOverview))]
[JsonSerializable(typeof(AudienceView))]
[JsonSerializable(typeof(InterestView))]
[JsonSerializable(typeof(EffectsView))]
[JsonSerializable(typeof(FunnelView))]
[JsonSerializable(typeof(WhenView))]
[JsonSerializable(typeof(OrderedFunnelView))]
[JsonSerializable(typeof(PersonasView))]
[JsonSerializable(typeof(QualityView))]
[JsonSerializable(typeof(InfluencersView))]
[JsonSerializable(typeof(StrategiesView))]
[JsonSerializable(typeof(CampaignRequest))]
[JsonSerializable(typeof(CampaignView))]
[JsonSerializable(typeof(CampaignList))]
[JsonSerializable(typeof(CampaignMemberView))]
[JsonSerializable(typeof(CampaignResultView))]
[JsonSerializable(typeof(BackupView))]
[JsonSerializable(typeof(ItemView))]
[JsonSerializable(typeof(ItemAnswerPage))]
[JsonSerializable(typeof(UserConsent))]
[JsonSerializable(typeof(ConsentOrder))]
[JsonSerializable(typeof(Recommendations))]
[JsonSerializable(typeof(RecommendationOrder))]
[JsonSerializable(typeof(WhatIfOrder))]
[JsonSerializable(typeof(GroupOrder))]
[JsonSerializable(typeof(GroupRecommendations))]
[JsonSerializable(typeof(SimilarItems))]
[JsonSerializable(typeof(SimilarUsers))]
[JsonSerializable(typeof(ErasureView))]
[JsonSerializable(typeof(ErasureList))]
[JsonSerializable(typeof(ErasureLogResult))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(HeldTrait[]))]
[JsonSerializable(typeof(HeldHour[]))]
[JsonSerializable(typeof(HeldDay[]))]
[JsonSerializable(typeof(HeldStep[]))]
[JsonSerializable(typeof(CampaignMention[]))]
[JsonSerializable(typeof(HeldFriend))]
[JsonSerializable(typeof(HeldAnswer))]
[JsonSerializable(typeof(HeldEntry))]
[JsonSerializable(typeof(ItemMention))]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(KeyFile))]
public sealed partial class AuieJson : JsonSerializerContext
{
    /// <summary>How deep what the engine is sent may nest.</summary>
    public const int MaxDepth = 32;

    /// <summary>For what the engine is sent: unknown and doubled members, and nulls where none may be, are errors.</summary>
    public static AuieJson Strict { get; } = Make(readsNull: false, options =>
    {
        MakeStrict(options);
        // What is written by it is sent to the engine, to whom a member that is left out says the same.
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    });

    /// <summary>For what the engine answers: members that a newer engine adds are passed over.</summary>
    public static AuieJson Lenient { get; } = Make(readsNull: true, _ => { });

    /// <summary>As <see cref="Lenient"/>, for people to read.</summary>
    public static AuieJson Indented { get; } = Make(readsNull: true, options => options.WriteIndented = true);

    /// <summary>Has options refuse what <see cref="Strict"/> refuses.</summary>
    public static void MakeStrict(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = MaxDepth;
    }

    /// <summary>Has options write names, numbers and instants as the engine does.</summary>
    /// <param name="readsNull">Whether null is read as no number (<see cref="NumberConverter"/>).</param>
    public static void UseForms(JsonSerializerOptions options, bool readsNull = true)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        // A web server's own options would take texts for numbers.
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new NumberConverter(readsNull));
        options.Converters.Add(new InstantConverter());
    }

    private static AuieJson Make(bool readsNull, Action<JsonSerializerOptions> more)
    {
        var options = new JsonSerializerOptions();
        UseForms(options, readsNull);
        more(options);
        return new AuieJson(options);
    }
}
