using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Web.HtmlRendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Router.Api.Studio;
using Router.Api.Studio.Layout;

// Frames are how a renderer finds what handles an event; there is no other way to them. A change of theirs breaks tests alone.
#pragma warning disable BL0006

namespace Router.Tests.Studio;

/// <summary>A page of the Studio in the server's hands, without a browser: what it shows, and the events a browser would send.</summary>
internal sealed class RenderedPage : StaticHtmlRenderer
{
    private readonly Type _page;
    private Address _address = null!;
    private HtmlRootComponent _root;
    private int _components;

    private RenderedPage(IServiceProvider services, Type page)
        : base(services, NullLoggerFactory.Instance) => _page = page;

    public string Html => _root.ToHtmlString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens the Studio as whoever the key is, at a page of no workspace yet.</summary>
    public static async Task OpenAsync(StudioHost host, string key, Type page, Func<RenderedPage, Task> visit)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var users = host.Services.GetRequiredService<StudioAuthentication>();
        var user = await users.BeginAsync(users.SignIn(key)!, Token);
        ((IHostEnvironmentAuthenticationStateProvider)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>())
            .SetAuthenticationState(Task.FromResult(new AuthenticationState(user.ToPrincipal())));
        ((Microsoft.AspNetCore.Components.Routing.IHostEnvironmentNavigationManager)scope.ServiceProvider.GetRequiredService<NavigationManager>())
            .Initialize(host.Address.AbsoluteUri, host.Address.AbsoluteUri);
        await using var rendered = new RenderedPage(scope.ServiceProvider, page);
        await rendered.Dispatcher.InvokeAsync(async () =>
        {
            rendered._root = rendered.BeginRenderingComponent(typeof(Address), ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Address.Renderer)] = rendered }));
            await visit(rendered);
        });
    }

    public void Go(string workspace) => _address.Go(workspace);

    public async Task GoAsync(string workspace, string shows)
    {
        Go(workspace);
        await WaitAsync(html => html.Contains(shows, StringComparison.Ordinal));
    }

    public async Task WaitAsync(Func<string, bool> condition)
    {
        for (var look = 0; !condition(Html); look++)
        {
            Assert.True(look < 500, "The page did not come.");
            await Task.Delay(10, Token);
        }
    }

    /// <summary>Raises an event of the first element that has its handler, and this attribute where one is named.</summary>
    public Task RaiseAsync(string handler, EventArgs args, string? attribute = null, string? value = null)
    {
        for (var component = 0; component < _components; component++)
        {
            var frames = GetCurrentRenderTreeFrames(component);
            for (var i = 0; i < frames.Count; i++)
            {
                if (frames.Array[i].FrameType != RenderTreeFrameType.Element)
                    continue;
                var attributes = frames.Array.Skip(i + 1).TakeWhile(frame => frame.FrameType == RenderTreeFrameType.Attribute).ToList();
                if (attribute is not null && !attributes.Exists(one => one.AttributeName == attribute && one.AttributeValue as string == value))
                    continue;
                if (attributes.Find(one => one.AttributeName == handler && one.AttributeEventHandlerId != 0) is { AttributeEventHandlerId: > 0 } found)
                    return DispatchEventAsync(found.AttributeEventHandlerId, null, args);
            }
        }

        throw new InvalidOperationException($"Nothing on the page has {handler} and {attribute}={value}.");
    }

    protected override ComponentState CreateComponentState(int componentId, IComponent component, ComponentState? parentComponentState)
    {
        _components = Math.Max(_components, componentId + 1);
        return base.CreateComponentState(componentId, component, parentComponentState);
    }

    /// <summary>Stands for the browser's address: the same page, another workspace.</summary>
    private sealed class Address : ComponentBase
    {
        private string? _workspace;

        [Parameter]
        public required RenderedPage Renderer { get; set; }

        public void Go(string workspace)
        {
            _workspace = workspace;
            StateHasChanged();
        }

        protected override void OnParametersSet() => Renderer._address = this;

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            if (_workspace is null)
                return;
            builder.OpenComponent<AuthorizeRouteView>(0);
            builder.AddComponentParameter(1, nameof(AuthorizeRouteView.RouteData), new RouteData(Renderer._page, new Dictionary<string, object?> { ["Workspace"] = _workspace }));
            builder.AddComponentParameter(2, nameof(AuthorizeRouteView.DefaultLayout), typeof(PlainLayout));
            builder.CloseComponent();
        }
    }
}
