using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

/// <summary>One campaign, c1, of two members; a second of whatever is asked for.</summary>
internal sealed class FakeCampaigns(FakeEngine engine) : ICampaignsGrain
{
    /// <summary>A strategy whose plans send nothing.</summary>
    public const string Silence = "Silence";

    /// <summary>A strategy that fits nobody.</summary>
    public const string Misfit = "Misfit";

    public static readonly CampaignView One = new()
    {
        Id = "c1", Stored = true, Strategy = "Early access", LibraryVersion = 3, ModelVersion = 4, Segment = 1, Persona = "Enthusiasts", MadeAt = FakeEngine.AsOf, AsOf = FakeEngine.AsOf,
        From = FakeEngine.AsOf, Measure = "yes", Most = 3, Days = 7, Holdout = 0.1, Audience = new CampaignAudienceView(7, 2, 1, 1, 1) { Aside = 2 },
        Channels = new() { ["web"] = 1, ["mobile"] = 0, ["email"] = 0, [""] = 0 },
        Time = new SendingTimeView(4, 18, 21, "activity", new RateView(0.5, 1, 2, 0.1, 0.9), new LiftView(double.NaN, double.NaN, double.NaN)), Zones = new ZonesView(1, 0, 0),
        FirstSend = FakeEngine.AsOf.AddDays(4), LastSend = FakeEngine.AsOf.AddDays(4), Sends = [new CampaignSendsView("2013-01-04", 18, 1)], SentWhen = "to all 1 on Wednesday, 2 January 2013 at 9:00", Items = [new CampaignItemView("e1", "Hiking", 1)], ItemsSample = 1,
        Influencers = [new InfluencerView("=ann", 3, 1, 1)], Reach = new EstimateView(1, 0.9, 1),
        Expected = new CampaignExpectationView(new RateView(0.5, 1, 2, 0.1, 0.9), new EstimateView(0.5, 0, 1), 0.05, 0.1),
    };

    public Task<CampaignView> Preview(CampaignRequest request, CancellationToken cancellationToken)
    {
        if (request.Strategy == Misfit && !request.Anyway) throw new InvalidRequestException("strategy", $"'{Misfit}' does not fit segment {request.Segment}: it resembles nobody; 'anyway' plans it all the same");
        engine.Campaigns.Add(request);
        return Task.FromResult(engine.Planned with { Id = "c2", Stored = false, Strategy = request.Strategy, Segment = request.Segment, SendsNothing = request.Strategy == Silence ? "the segment has no members" : null });
    }

    public async Task<CampaignView> Create(CampaignRequest request, CancellationToken cancellationToken) => request.Strategy == Silence
        ? throw new InvalidRequestException("segment", "a plan that sends nothing is not stored, and this one would: the segment has no members") : await Preview(request, cancellationToken) with { Stored = true };

    public Task<CampaignView[]> List(CancellationToken cancellationToken) => Task.FromResult<CampaignView[]>([One]);

    public Task<CampaignView?> Get(string id, CancellationToken cancellationToken) => Task.FromResult(id == One.Id ? One : null);

    public Task<CampaignMemberPage?> ReadMembers(string id, string? after, int count, CancellationToken cancellationToken) => Task.FromResult(id != One.Id ? null : after is null
        ? new CampaignMemberPage(One, [new CampaignMemberView("=ann", true, "web", new DateTimeOffset(2013, 1, 4, 18, 0, 0, TimeSpan.FromHours(7)), "profile") { Items = ["e1"] }], "=ann")
        : new CampaignMemberPage(One, [new CampaignMemberView("bob, the other", false, "", null, "none")], null));

    public Task<CampaignResultView?> GetResult(string id, CancellationToken cancellationToken) => Task.FromResult(id != One.Id ? null
        : new CampaignResultView(id, engine.Planned.Measure, One.MadeAt, One.FirstSend, FakeEngine.AsOf.AddDays(9), new RateView(0.4, 40, 100, 0.3, 0.5), new RateView(0.2, 10, 50, 0.1, 0.3), new LiftView(0.2, 0.05, 0.35), true, 3));

    public Task<bool> Delete(string id, CancellationToken cancellationToken) => Task.FromResult(id == One.Id);

    public Task<CampaignMention[]> FindPeople(string[] people, CancellationToken cancellationToken) => Task.FromResult<CampaignMention[]>([]);

    public Task<int> ForgetPeople(string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("Only the erasure asks this.");
}
