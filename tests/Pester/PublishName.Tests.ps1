BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $folder = New-TemporaryFolder
    $router = [BitswapTestRouter]::new()
    $node = Start-BitswapNode -Router $router.Uri -Path "$folder/repo"
    $other = Start-BitswapNode -Router $router.Uri
    $cid = ('a block' | Add-BitswapBlock -Node $node).Cid
}

AfterAll {
    Clear-Nodes
    $router.Dispose()
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'New-BitswapKey' {
    It 'makes keys that are kept in the repository, for their owner alone' {
        $made = 'blog', 'docs' | New-BitswapKey -Node $node
        $made.Name | Should -Be 'blog', 'docs'
        $made[0].Type | Should -Be 'Ed25519'
        $made[0].PeerId | Should -Match '^12D3KooW'
        $made[0].IpnsName | Should -Match '^k51'
        (Get-BitswapCid -Cid $made[0].IpnsName -Base base36).Text | Should -Be $made[0].IpnsName
        $made[0].Created | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(-1))
        $made[0].Node | Should -Be $node.Name
        if (-not $IsWindows) { (Get-Item "$folder/repo/keys/blog.key").UnixMode | Should -Be '-rw-------' }
    }

    It 'refuses <_>' -ForEach 'self', 'a/b', '..', 'a*' {
        (Get-Failure { New-BitswapKey $_ -Node $node }).FullyQualifiedErrorId | Should -Match '^InvalidKeyName,'
    }

    It 'makes none of a name that is taken, and none with -WhatIf' {
        (Get-Failure { New-BitswapKey BLOG -Node $node }).FullyQualifiedErrorId | Should -Match '^KeyExists,'
        New-BitswapKey none -Node $node -WhatIf | Should -BeNullOrEmpty
        (Get-BitswapKey -Node $node).Name | Should -Be 'self', 'blog', 'docs'
    }
}

Describe 'Get-BitswapKey' {
    It 'gives the node''s own key and those that were made, by name and wildcard' {
        (Get-BitswapKey self -Node $node).PeerId | Should -Be $node.PeerId
        (Get-BitswapKey 'd*', BLOG, blog -Node $node).Name | Should -Be 'docs', 'blog'
        Get-BitswapKey 'x*' -Node $node | Should -BeNullOrEmpty
        (Get-Failure { Get-BitswapKey nothing -Node $node }).FullyQualifiedErrorId | Should -Match '^KeyNotFound,'
    }

    It 'fits 80 columns' {
        Get-BitswapKey -Node $node | Out-String -Width 80 | Should -Match '(?m)^blog +k51'
    }
}

Describe 'Publish-BitswapName' {
    It 'puts a record to the router, that another node resolves' {
        $published = Publish-BitswapName $cid -Key blog -Lifetime 1d -Ttl 90s -Node $node
        $published.Name | Should -Be (Get-BitswapKey blog -Node $node).IpnsName
        $published.Key | Should -Be 'blog'
        $published.Value | Should -Be "/ipfs/$cid"
        $published.Sequence | Should -Be 0
        $published.Ttl | Should -Be ([timespan] '00:01:30')
        ($published.ValidUntil - [DateTimeOffset]::UtcNow).TotalHours | Should -BeGreaterThan 23
        ($published.ValidUntil - [DateTimeOffset]::UtcNow).TotalHours | Should -BeLessOrEqual 24
        $published.Accepted | Should -Be 1
        $published.Router | Should -Be "$($router.Uri)".TrimEnd('/')
        $published.Refusal | Should -BeNullOrEmpty
        (Resolve-BitswapName $published.Name -Node $other).Path | Should -Be "/ipfs/$cid"
        $key = Get-BitswapKey blog -Node $node
        $key.Value | Should -Be "/ipfs/$cid"
        $key.LastPublished | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(-1))
        $key.NextPublish | Should -Be $key.LastPublished.AddHours(4)
        $key.LastError | Should -BeNullOrEmpty
    }

    It 'counts up, also after a restart, and takes what it is piped: a path, an object, a name' {
        $first = Start-BitswapNode -Router $router.Uri -Path "$folder/again"
        $null = New-BitswapKey site -Node $first
        $stored = 'a block' | Add-BitswapBlock -Node $first
        (Publish-BitswapName $cid -Key site -Node $first).Sequence | Should -Be 0
        (Publish-BitswapName "/ipfs/$cid/a" -Key site -Node $first).Sequence | Should -Be 1
        Stop-BitswapNode $first
        $second = Start-BitswapNode -Router $router.Uri -Path "$folder/again"
        (Get-BitswapKey site -Node $second).Value | Should -Be "/ipfs/$cid/a"
        $published = Get-BitswapBlock $stored.Cid -Local -Node $second | Publish-BitswapName -Key site -Node $second
        $published.Sequence | Should -Be 2
        $published.Value | Should -Be "/ipfs/$cid"
        (Publish-BitswapName /ipns/docs.example -Key site -Node $second).Value | Should -Be '/ipns/docs.example'
        (Publish-BitswapName $cid -Node $node).Name | Should -Be (Get-BitswapKey self -Node $node).IpnsName
    }

    It 'says why nobody took the record, and keeps that to be seen' {
        $router.Status = '400 Bad Request'
        try { $failure = Get-Failure { Publish-BitswapName $cid -Key docs -Node $node } } finally { $router.Status = '200 OK' }
        $failure.FullyQualifiedErrorId | Should -Match '^NameNotPublished,'
        "$failure" | Should -BeLike '*answered 400*tries again in 5 minutes*'
        $key = Get-BitswapKey docs -Node $node
        $key.LastError | Should -BeLike '*answered 400*'
        $key.LastPublished | Should -BeNullOrEmpty
        $key.NextPublish | Should -BeGreaterThan ([DateTimeOffset]::UtcNow)
    }

    It 'needs a place to publish to' {
        $failure = Get-Failure { Publish-BitswapName $cid -Node (Start-BitswapNode) }
        $failure.FullyQualifiedErrorId | Should -Match '^NoNameSource,'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-Public*-Router*'
    }

    It 'publishes nothing with -WhatIf, and takes no time that is none: <_>' -ForEach 'soon', 30, '2y' {
        $before = $router.Requests.Count
        { Publish-BitswapName $cid -Key docs -Lifetime $_ -Node $node } | Should -Throw '*48h*'
        Publish-BitswapName $cid -Key docs -Node $node -WhatIf | Should -BeNullOrEmpty
        $router.Requests.Count | Should -Be $before
    }
}

Describe 'Remove-BitswapKey' {
    It 'removes a key with what is published of it, and never the node''s own' {
        Remove-BitswapKey blog -Force -WhatIf -Node $node
        (Get-BitswapKey -Node $node).Name | Should -Contain 'blog'
        Remove-BitswapKey blog -Force -Node $node | Should -BeNullOrEmpty
        (Get-BitswapKey -Node $node).Name | Should -Be 'self', 'docs'
        (Get-ChildItem "$folder/repo/names").Count | Should -Be 2
        (Get-Failure { Remove-BitswapKey self -Force -Node $node }).FullyQualifiedErrorId | Should -Match '^InvalidKeyName,'
        (Get-BitswapKey d* -Node $node | Remove-BitswapKey -PassThru -Confirm:$false).Name | Should -Be 'docs'
        (Get-BitswapKey -Node $node).Name | Should -Be 'self'
    }
}
