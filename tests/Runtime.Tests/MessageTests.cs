using System.Diagnostics;
using Auie.Runtime.Hosting;
using Auie.Runtime.Telemetry;

namespace Auie.Runtime.Tests;

/// <summary>What becomes of arguments, results, exceptions and context on their way.</summary>
public sealed class MessageTests
{
    [Theory, BothWays]
    public async Task Arguments_and_results_are_copies(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ICopyGrain>("a");
        var basket = new Basket { Items = ["one"] };
        await grain.Keep(basket);
        basket.Items.Add("two");
        var kept = await grain.Kept();
        kept.Items.ShouldBe(["one"]);
        kept.Items.Add("three");
        (await grain.Kept()).Items.ShouldBe(["one"]);
    }

    [Fact]
    public async Task What_is_marked_immutable_is_handed_over_as_it_is()
    {
        await using var host = new TestHost(serialize: false);
        var grain = host.Grains.GetGrain<ICopyGrain>("a");
        var basket = new Basket { Items = ["one"] };
        await grain.KeepImmutable(basket);
        (await grain.KeptItself()).ShouldBeSameAs(basket);
        (await grain.Kept()).ShouldNotBeSameAs(basket);
    }

    [Theory, BothWays]
    public async Task Exceptions_keep_their_type_message_and_members(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ICancelGrain>("a");
        var refused = await Should.ThrowAsync<RefusedException>(grain.Fail("own"));
        (refused.Field, refused.Code, refused.Message).ShouldBe(("colour", 42, "colour is refused"));
        (await Should.ThrowAsync<ArgumentOutOfRangeException>(grain.Fail("argument"))).Message.ShouldStartWith("it is out of range");
        (await Should.ThrowAsync<InvalidOperationException>(grain.Fail("other"))).InnerException.ShouldBeOfType<InvalidDataException>().Message.ShouldBe("inside");
        (await Should.ThrowAsync<AggregateException>(grain.Fail("aggregate"))).InnerExceptions.Select(e => e.Message).ShouldBe(["one", "two"]);
    }

    [Theory, BothWays]
    public async Task A_grain_that_could_not_call_another_was_called_itself(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var failed = await Should.ThrowAsync<TimeoutException>(host.Grains.GetGrain<ICancelGrain>("a").Fail("not called"));
        failed.ShouldNotBeOfType<NotCalledException>();
        failed.Message.ShouldEndWith("Whether it took effect is unknown. nobody serves the other");
    }

    [Theory, BothWays]
    public async Task An_exception_tells_where_in_the_grain_it_was_thrown(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var failure = await Should.ThrowAsync<InvalidDataException>(host.Grains.GetGrain<ICancelGrain>("a").Fail("async"));
        failure.ToString().ShouldContain("FailLater");
    }

    [Theory, BothWays]
    public async Task A_one_way_call_returns_at_once_and_its_failure_is_logged(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var hold = grain.Exclusive("hold");
        await host.Stage.Reached("hold");
        grain.Tell("told").IsCompletedSuccessfully.ShouldBeTrue();
        await grain.Tell("fail");
        host.Stage.Open("hold");
        await hold;
        await host.Stage.Reached("told");
        await grain.Nothing();
        host.Log.Entries.ShouldContain(e => e.Exception is InvalidOperationException && e.Message.Contains("one-way"));
    }

    [Theory, BothWays]
    public async Task The_request_context_travels_with_calls_and_does_not_come_back(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IContextGrain>(Guid.NewGuid());
        RequestContext.Set("who", "me");
        (await grain.Value("who")).ShouldBe("me");
        await grain.Set("who", "you");
        RequestContext.Get("who").ShouldBe("me");
        RequestContext.Clear();
        (await grain.Value("who")).ShouldBeNull();
    }

    [Theory, BothWays]
    public async Task A_grain_class_may_do_without_the_base_class_and_name_its_type(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var key = Guid.NewGuid();
        (await host.Grains.GetGrain<IContextGrain>(key).Keys()).ShouldBe($"plain/{key:N} {key:N}");
    }

    [Theory, BothWays]
    public async Task A_stateless_worker_has_several_activations_for_one_identity_up_to_its_limit(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IWorkerGrain>(-5);
        grain.GetPrimaryKeyLong().ShouldBe(-5);
        var one = grain.Work("one");
        await host.Stage.Reached("one");
        var two = grain.Work("two");
        await host.Stage.Reached("two");
        var three = grain.Work("three");
        host.Stage.Open("one");
        host.Stage.Open("two");
        host.Stage.Open("three");
        var identities = await Task.WhenAll(one, two, three);
        identities.Distinct().Count().ShouldBe(2);
        host.Host.ActivationCount.ShouldBe(2);
    }

    [Theory, BothWays]
    public async Task A_filter_runs_around_calls_and_may_change_the_result(bool serialize)
    {
        await using var host = new TestHost(serialize, services: s => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions
            .AddSingleton<IIncomingGrainCallFilter>(s, new Doubling()));
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        (await grain.Value(4)).ShouldBe(10);
        await grain.Nothing();
        (await Should.ThrowAsync<InvalidDataException>(host.Grains.GetGrain<ICancelGrain>("a").Fail("async"))).Message.ShouldBe("later");
    }

    [Theory, BothWays]
    public async Task A_call_is_an_activity_below_its_callers_when_somebody_listens(bool serialize)
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RuntimeTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = new TestHost(serialize);
        using var outer = new Activity("outer").Start();
        (await host.Grains.GetGrain<IOrderGrain>($"traced {outer.TraceId}").Value(1)).ShouldBe(2);
        var call = seen.Single(a => a.TraceId == outer.TraceId);
        call.ParentSpanId.ShouldBe(outer.SpanId);
        call.OperationName.ShouldBe("test.order.Value");
    }

    private sealed class Doubling : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            await context.Invoke();
            if (context.Result is int number)
                context.Result = number * 2;
        }
    }
}
